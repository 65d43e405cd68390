"""What a language model writes, while it learns."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rnnlab.errors import WorkError
from rnnlab.models.sampling import Sampling, decode, encode, generate
from rnnlab.models.tasks.base import Task
from rnnlab.models.tasks.language_model import LanguageModel
from rnnlab.probes.base import GROWTH, CannotAnswer, Findings, Probe, Source, Subject, column_table
from rnnlab.tracking.folder import RunFolder

COLUMNS = ("temperature", "text")
TEMPERATURES = (0.8, 0.0)
LENGTH = 300


class Samples(Probe):
    """300 symbols after a new line, once drawn at temperature 0.8, and once the likeliest each time.

    The draws have the same seed at every look: what changes between two looks is the model. The table holds
    each text as a JSON string, so that a line stays a line whatever is written.
    """

    name = "samples"
    together = (GROWTH,)

    def asked(self, model: Task, source: Source) -> None:
        if not isinstance(model, LanguageModel):
            raise CannotAnswer(
                f"probe.names: samples with task={model.config.name}: it writes no text; possible with"
                " task=language_model"
            )

    def look(self, subject: Subject) -> Findings:
        model, spec = subject.model, subject.source.spec
        assert isinstance(model, LanguageModel), "no other was accepted"
        primer, rows = encode("", spec), []
        for temperature in TEMPERATURES:
            symbols = generate(model, primer, Sampling(length=LENGTH, temperature=temperature))
            rows.append((temperature, json.dumps(written(decode(symbols, spec)))))
        return Findings({"samples": column_table(COLUMNS, rows)})

    def pages(self, model: Task, folder: RunFolder) -> dict[str, str]:
        from rnnlab.report.samples import samples_page

        return {self.name: samples_page(folder)}


def written(pieces: Iterator[str]) -> str:
    """The text; where a model cannot go on, what it wrote until then, and why: a probe ends no run."""
    text: list[str] = []
    try:
        text.extend(pieces)
    except WorkError as error:
        text.append(f"[{error}]")
    return "".join(text)
