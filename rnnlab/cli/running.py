"""How the verbs that train show a run: its bar, its figures, and what can be done next."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rnnlab.cli.console import Console, Outcome

if TYPE_CHECKING:
    from rnnlab.parts import Show
    from rnnlab.train import Result

EXIT_CODES = {"complete": 0, "pruned": 0, "diverged": 1, "interrupted": 130}
MEASURED = (("best/val", "validation, best"), ("final", "validation"), ("test", "test"))
WRITING = {
    "stream": "rnnlab sample {run}    # text written by it",
    "pairs": "rnnlab translate {run} --split test    # what it writes, scored with beam search",
    "captions": "rnnlab caption {run} --split test    # what it writes, scored with beam search",
}
"""Shape of the data -> the verb that lets a model of it write."""
MEASURING = "rnnlab evaluate {run}    # a whole part with intervals, by class and by length"
"""For all other shapes."""


@contextmanager
def shown(console: Console) -> Iterator[Show]:
    """A bar for each part of a run: download, training, the measurements at its end."""
    from rnnlab.parts import Show

    with (
        console.progress("loading") as loading,
        console.progress("training") as training,
        console.progress("measuring") as measuring,
    ):
        yield Show(
            saying=console.say,
            loading=lambda label, done, of: loading(done, of, label),
            training=lambda step, of, loss: training(step, of, f"loss {loss:.3f}"),
            measuring=lambda done, of: measuring(done, of),
        )


def outcome_of_run(result: Result, console: Console) -> Outcome:
    """The figures beside the baselines, and the commands that come next; the exit code says how it ended."""
    from rnnlab.tracking.folder import RunFolder
    from rnnlab.training.record import recorded_spec

    console.table(figures(result.metrics))
    console.say(
        f"run {result.run_id}: {result.state} after {result.steps:,} steps, {result.seconds:.1f} s of training,"
        f" {result.parameters:,} parameters, backend {result.backend}"
    )
    if result.message:
        console.say(result.message)
    for line in next_commands(result, recorded_spec(RunFolder.find(result.run_id)).shape):
        console.say(f"  {line}")
    return Outcome(asdict(result), EXIT_CODES[result.state])


def figures(metrics: dict[str, float]) -> list[dict[str, Any]]:
    """Rows of a table: the model's losses with their intervals, and what the baselines reach on the same split."""
    squared = "val/rmse" in metrics
    rows = []
    for prefix, title in MEASURED:
        loss = metrics.get("best/val_loss" if prefix == "best/val" else f"{prefix}/loss")
        if loss is None:
            continue
        whole = ", one stream" if has_stream_figure(metrics, prefix) else ""
        row: dict[str, Any] = {"": title + whole, **in_units(loss, squared), "95 % interval": ""}
        if f"{prefix}/loss_low" in metrics:
            low, high = metrics[f"{prefix}/loss_low"], metrics[f"{prefix}/loss_high"]
            row["95 % interval"] = f"{low:.3g} to {high:.3g}" if squared else f"{low:.3f} to {high:.3f} nats"
        for name in ("accuracy", "macro_f1", "solved", "perplexity", "error", "symbol_error"):
            if f"{prefix}/{name}" in metrics:
                row[name] = metrics[f"{prefix}/{name}"]
        rows.append(row)
    baselines = {key.removeprefix("baseline/"): value for key, value in metrics.items() if key.startswith("baseline/")}
    rows += [{"": name, **in_units(loss, squared)} for name, loss in baselines.items() if "/" not in name]
    return rows + rivals(baselines, squared)


def rivals(baselines: dict[str, float], squared: bool) -> list[dict[str, Any]]:
    """Rows for methods without a network, whose figures are called NAME/SPLIT/FIGURE: one for each name and split."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in baselines.items():
        if "/" in key:
            row, _, figure = key.rpartition("/")
            told = in_units(value, squared) if figure == "loss" else {figure: value}
            found.setdefault(row, {"": row.replace("/", ", ")}).update(told)
    return list(found.values())


def has_stream_figure(metrics: dict[str, float], prefix: str) -> bool:
    """Whether a language model was measured: no other task has bits per character or a perplexity."""
    return any(f"{prefix}/{name}" in metrics for name in ("bits_per_char", "perplexity"))


def in_units(loss: float, squared: bool) -> dict[str, float]:
    """A loss in the columns of its units: the mean squared error of a regression, nats and bits of all else."""
    return {"mean squared error": loss} if squared else {"nats": loss, "bits": loss / math.log(2)}


def next_commands(result: Result, shape: str) -> list[str]:
    """What one does with a run after it ended in its state; ``shape``: of its data."""
    if result.state == "interrupted":
        return [f"rnnlab resume {result.run_id}    # go on, to the bit"]
    if result.state == "diverged":
        return []
    longer = f"rnnlab resume {result.run_id} trainer.max_steps={2 * result.steps}    # go on for as long again"
    use = WRITING.get(shape, MEASURING).format(run=result.run_id)
    return [use, longer, "rnnlab ui    # see it in the dashboard"]
