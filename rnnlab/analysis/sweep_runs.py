"""One run of a sweep, as its folder tells of it: state, configuration, metrics, curves, times.

A run that its sweep names and that never began is ``waiting``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rnnlab.analysis.timeline import Span, spans_of
from rnnlab.tracking.entries import read_log
from rnnlab.tracking.folder import ENVIRONMENT, RunFolder

COMPLETE, PRUNED, WAITING = "complete", "pruned", "waiting"
NOT_ENDED = (WAITING, "running", "interrupted")
CURVES = ("val/loss", "train/loss")
"""Drawn as learning curves where the sweep's own metric is not measured during training."""

Curve = list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class SweepRun:
    """One run. state: as in its result, or one of ``NOT_ENDED``. curves: metric -> (step, value) pairs.

    varied   the configuration as the sweep varied it, None for a run that never began
    seconds  of training; where that was not recorded, from its start to its end
    """

    id: str
    state: str
    varied: dict[str, str] | None
    seed: str | None
    metrics: dict[str, float]
    seconds: float
    message: str
    overrides: tuple[str, ...]
    curves: dict[str, Curve]
    spans: tuple[Span, ...]

    @property
    def ended_at(self) -> float | None:
        """Seconds since 1970; None while the run has not ended."""
        return self.spans[-1].end if self.spans and self.state not in NOT_ENDED else None


def read_run(folder: RunFolder, searched: Iterable[str], keys: tuple[str, ...]) -> SweepRun:
    """What a run's folder holds so far. searched: the parameters of its sweep; keys: the metrics to read curves of."""
    entries, result = list(read_log(folder)), folder.result()
    found = result or {}
    overrides = _overrides(folder, found)
    params = _params(entries, overrides)
    began = bool(entries or params)
    spans = tuple(spans_of(folder.id, entries))
    return SweepRun(
        id=folder.id,
        state=_unfinished(folder, began) if result is None else str(found["state"]),
        varied={key: params[key] for key in searched if key in params} if began else None,
        seed=params.get("seed"),
        metrics=_metrics(found),
        seconds=found.get("seconds") or sum(span.end - span.start for span in spans),
        message=found.get("message") or "",
        overrides=overrides,
        curves=_curves(entries, keys),
        spans=spans,
    )


def _params(entries: list[dict[str, Any]], overrides: tuple[str, ...]) -> dict[str, str]:
    """As the run's log has them, with the words of the command line where it has none; empty before both."""
    words = dict(word.split("=", 1) for word in overrides if "=" in word)
    for entry in entries:
        if entry["kind"] == "start":
            return {**words, **entry["params"]}
    return words


def _metrics(result: dict[str, Any]) -> dict[str, float]:
    """The figures of the result; the number of parameters is one too, though it stands apart."""
    apart = {"parameters": result["parameters"]} if "parameters" in result else {}
    return {**apart, **result.get("metrics", {})}


def _unfinished(folder: RunFolder, began: bool) -> str:
    if folder.is_locked():
        return "running"
    return "interrupted" if began else "waiting"


def _overrides(folder: RunFolder, result: dict[str, Any]) -> tuple[str, ...]:
    if (folder.path / ENVIRONMENT).exists():
        return tuple(folder.read_json(ENVIRONMENT).get("overrides", ()))
    return tuple(result.get("overrides", ()))


def _curves(entries: list[dict[str, Any]], keys: tuple[str, ...]) -> dict[str, Curve]:
    curves: dict[str, Curve] = {}
    for entry in entries:
        if entry["kind"] == "metric":
            for key in keys:
                if key in entry["values"]:
                    curves.setdefault(key, []).append((entry["step"], entry["values"][key]))
    return curves
