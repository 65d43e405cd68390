"""What it costs to look for features in all units: two layers of an LSTM read Python's own library.

The network is untrained, which takes as long as a trained one. All stages of `rnnlab find` are measured in one
process, and the most memory that it ever had. The baseline of the ranking is scikit-learn's ``roc_auc_score``, unit by
unit and feature by feature: measured on a few units, and multiplied.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from rnnlab.config import registry
from rnnlab.config.compose import compose
from rnnlab.data.contents import Stream
from rnnlab.features.base import Source
from rnnlab.features.languages import Language
from rnnlab.inside.activations import state_parts
from rnnlab.inside.finding.choosing import labelled, strength_table
from rnnlab.inside.finding.discovery import Method, discover, tellable
from rnnlab.inside.finding.findings import Discovery
from rnnlab.inside.finding.halves import Halves
from rnnlab.inside.finding.labelled import Labelled
from rnnlab.inside.finding.page import find_page
from rnnlab.inside.finding.untrained import untrained
from rnnlab.inside.text import Text
from rnnlab.training.device import repeatable

DEPTH, UNTRAINED = 2, 5
SAMPLED = 4
"""Units that the baseline ranks."""
NETWORK, NULLS, PROBES, REST = (
    "the network reads",
    "untrained networks read",
    "probes are fitted",
    "ranking and scoring",
)


@dataclass(slots=True)
class Stopwatch:
    """The seconds of each stage, in the order in which they began."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, title: str) -> Iterator[Callable[[int, int], None]]:
        since = time.perf_counter()
        yield lambda done, of: None
        self.seconds[title] = self.seconds.get(title, 0.0) + time.perf_counter() - since


def find(units: int, characters: int, features: int, threads: int, seed: int) -> dict[str, Any]:
    """``rows``: a stage each, in seconds. ``total_s``, ``peak_mib``, ``ratio`` to the baseline of the ranking."""
    experiment = compose(["data=python_source", "cell=lstm", f"cell.hidden_size={units // DEPTH}",
                          f"stack.depth={DEPTH}", f"seed={seed}"]).experiment  # fmt: skip
    dataset = registry.build("data", experiment.data)
    spec = dataset.prepare()
    stream = dataset.split("train")
    assert isinstance(stream, Stream)
    ids_N = np.asarray(stream.ids[:characters], dtype=np.int64)
    text = Text(ids_N, "".join(spec.symbols[symbol] for symbol in ids_N), "Python's own library", "python_source")
    watch = Stopwatch()
    with repeatable(threads):
        model = untrained(experiment, spec, 0)
        since = time.perf_counter()
        with watch.stage("labels"):
            labels = some_labels(text, features)
        others = (untrained(experiment, spec, number) for number in range(1, UNTRAINED + 1))
        discovery = discover(model, ids_N, labels, state_parts(model.stack), others, Method(seed=seed), watch.stage)
        with watch.stage("page"):
            find_page(discovery, "bench", text, Method().fdr)
        total = time.perf_counter() - since
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        ranked, baseline = ranking_seconds(discovery, labels)
        used = torch.get_num_threads()
    return {
        "rows": rows(watch.seconds, total),
        "total_s": total,
        "peak_mib": peak,
        "ranking_s": ranked,
        "baseline_s": baseline,
        "ratio": baseline / ranked,
        "units": units,
        "characters": len(text),
        "features": len(labels),
        "null_symbols": discovery.null_symbols,
        "threads": used,
    }


def some_labels(text: Text, features: int) -> list[Labelled]:
    """The first of the features that the text has."""

    def silent(line: str) -> None:
        """What a text has not is no part of what is measured."""

    known = labelled(Source(text.characters, Language.python), say=silent)
    return tellable(known, Halves.of(len(text)), (), silent)[:features]


def rows(seconds: dict[str, float], total: float) -> list[dict[str, Any]]:
    """The stages, the networks' own names taken together, and what is left of the total."""
    together: dict[str, float] = {}
    for title, each in seconds.items():
        name = NULLS if title.startswith("untrained network") else title
        together[name] = together.get(name, 0.0) + each
    together[REST] = total - sum(together.values())
    return [{"stage": name, "seconds": each} for name, each in together.items()]


def ranking_seconds(discovery: Discovery, labels: Sequence[Labelled]) -> tuple[float, float]:
    """(ours, the baseline's) for the AUC of every unit and every feature that is true or false, on one half."""
    from sklearn.metrics import roc_auc_score

    binary, half = [label for label in labels if not label.number], discovery.halves.choosing
    since = time.perf_counter()
    strength_table(discovery.activations, binary, half)
    ours = time.perf_counter() - since
    values_NH = next(iter(discovery.activations.values.values()))
    since = time.perf_counter()
    for unit in range(SAMPLED):
        column_n = values_NH[half, unit].astype(np.float32)
        for label in binary:
            roc_auc_score(label.values_N[half], column_n)
    everything = sum(values.shape[1] for values in discovery.activations.values.values())
    return ours, (time.perf_counter() - since) * everything / SAMPLED
