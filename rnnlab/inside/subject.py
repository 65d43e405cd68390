"""What is looked at: a trained language model, and a text that it reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.experiment import Experiment
from rnnlab.inside.text import Text, from_file, held_out
from rnnlab.models.tasks.language_model import LanguageModel
from rnnlab.rerun import load


@dataclass(frozen=True, slots=True)
class Subject:
    """A run's best weights in evaluation mode, and the text."""

    run_id: str
    model: LanguageModel
    spec: DataSpec
    experiment: Experiment
    text: Text


def open_subject(
    reference: str,
    text: Path | None,
    most: int,
    plugins: Sequence[str] = (),
    say: Callable[[str], None] = lambda line: None,
) -> Subject:
    """The run and the first ``most`` symbols of a file, or of what its training never saw.

    RequestError where there is no such run, it has no checkpoint, it is no language model, or the text does not fit.
    """
    loaded = load(reference, plugins)
    if not isinstance(loaded.model, LanguageModel):
        task = loaded.experiment.task.name
        raise RequestError(f"run {loaded.run_id}: task={task} reads no text; possible with task=language_model")
    if loaded.spec.unit == "word":
        raise RequestError(
            f"run {loaded.run_id}: its symbols are words, and this looks at characters; possible with"
            " data.unit=character or byte (`rnnlab embed` looks at words)"
        )
    chosen = (
        held_out(loaded.experiment.data, loaded.spec, most, say) if text is None else from_file(text, loaded.spec, most)
    )
    return Subject(loaded.run_id, loaded.model, loaded.spec, loaded.experiment, chosen)
