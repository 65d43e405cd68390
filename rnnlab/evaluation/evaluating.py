"""The best weights of a run on one split of its data: figures with intervals, and tables of what lies behind them."""

from __future__ import annotations

from dataclasses import dataclass, field

from rnnlab.data.spec import SPLITS, DataSpec
from rnnlab.errors import RequestError
from rnnlab.evaluation import classes, numbers
from rnnlab.evaluation.answers import Answers, answers
from rnnlab.evaluation.classes import Row
from rnnlab.parts import Parts
from rnnlab.statistics import Interval
from rnnlab.tracking.folder import RunFolder
from rnnlab.training.bptt import Windows, evaluation_windows
from rnnlab.training.final import STREAM_WINDOW, measure
from rnnlab.training.record import best_weights, recorded_spec

MOST_CLASSES = 40
"""Above that a confusion matrix is no table to be read: it is left out."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """figures    as the task's ``metrics`` names them, over the whole split
    intervals  95 % intervals of some of them
    tables     rows of "classes", "confusion", "length", ...: those that fit the task
    rivals     figures of other methods on the same split: {"NAME/FIGURE": value}
    """

    run_id: str
    split: str
    items: int
    figures: dict[str, float]
    intervals: dict[str, Interval]
    tables: dict[str, list[Row]] = field(default_factory=dict)
    rivals: dict[str, float] = field(default_factory=dict)


def evaluated(parts: Parts, folder: RunFolder, split: str) -> Evaluation:
    """Measure a run whose parts are assembled. Nothing is trained, and nothing written.

    RequestError where its data has no such split, or is not the data that it was trained on.
    """
    check_data(parts.spec, recorded_spec(folder), folder, split)
    model, device = parts.model, parts.learner.device
    model.load_state_dict(best_weights(folder))
    model.to(device)
    windows = windows_of(parts, split)
    measured = measure(model, windows, parts.experiment.bptt.state, device)
    intervals = {"loss": Interval(measured.metrics["loss"], measured.low, measured.high, windows.windows_per_epoch)}
    found = answers(model, windows, device)
    tables: dict[str, list[Row]] = {}
    if found is not None and found.are_classes:
        intervals["accuracy"] = classes.accuracy(found.said, found.true)
        if "macro_f1" in measured.metrics:
            intervals["macro_f1"] = classes.macro_f1(found.said, found.true, parts.spec.classes)
        tables = class_tables(found, parts.spec)
    elif found is not None:
        tables = number_tables(found)
    here = f"/{split}/"
    rivals = {key.replace(here, "/"): value for key, value in parts.dataset.rivals().items() if here in key}
    items = parts.spec.sizes[split] if found is None else len(found.true)
    return Evaluation(folder.id, split, items, measured.metrics, intervals, tables, rivals)


def check_data(spec: DataSpec, recorded: DataSpec, folder: RunFolder, split: str) -> None:
    """RequestError where the data is not what the run has seen, or has nothing in this split."""
    if spec.fingerprint != recorded.fingerprint:
        raise RequestError(
            f"run {folder.id}: its data has changed since (sha256 {recorded.fingerprint[:12]} then,"
            f" {spec.fingerprint[:12]} now), so who was trained on cannot be told; put the old files in their place"
        )
    if spec.sizes.get(split, 0) < 2:
        possible = ", ".join(name for name in SPLITS if spec.sizes.get(name, 0) > 1)
        raise RequestError(f"--split {split}: this data has none; possible: {possible}")


def windows_of(parts: Parts, split: str) -> Windows:
    """One pass over a split in its order: a stream in one row, items in as many as a validation has."""
    rows = 1 if parts.spec.shape == "stream" else parts.experiment.data.val_rows
    return evaluation_windows(parts.experiment.bptt, parts.dataset.split(split), rows, STREAM_WINDOW)


def class_tables(found: Answers, spec: DataSpec) -> dict[str, list[Row]]:
    """Each class, which was taken for which, and accuracy by length."""
    names = spec.labels or tuple(map(str, range(spec.classes)))
    counts_VV = classes.confusion(found.said, found.true, spec.classes)
    tables = {"classes": classes.by_class(counts_VV, names)}
    if spec.classes <= MOST_CLASSES:
        tables["confusion"] = [
            {"true": name, **dict(zip(names, row, strict=True))}
            for name, row in zip(names, counts_VV.tolist(), strict=True)
        ]
    return tables | {"length": classes.by_length(found.said, found.true, found.steps)}


def number_tables(found: Answers) -> dict[str, list[Row]]:
    """Errors and answers; of single numbers as of those one step ahead."""
    said, true = (values.reshape(len(values), -1) for values in (found.said, found.true))
    return {"ahead": numbers.by_step_ahead(said, true), "forecasts": numbers.forecasts(said, true)}
