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

COMPLETE = "complete"
NOT_ENDED = ("waiting", "running", "interrupted")
CURVES = ("val/loss", "train/loss")
"""Drawn as learning curves where the sweep's own metric is not measured during training."""

Curve = list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class SweepRun:
    """One run. state: as in its result, or one of ``NOT_ENDED``. curves: metric -> (step, value) pairs.

    varied is the configuration as the sweep varied it, None for a run that never began.
    """

    id: str
    state: str
    varied: dict[str, str] | None
    seed: str | None
    metrics: dict[str, float]
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
    entries = list(read_log(folder))
    params: dict[str, str] | None = next((entry["params"] for entry in entries if entry["kind"] == "start"), None)
    varied = None if params is None else {key: params[key] for key in searched if key in params}
    result = folder.result()
    overrides = _overrides(folder, result or {})
    seed = next((word.removeprefix("seed=") for word in overrides if word.startswith("seed=")), None)
    return SweepRun(
        id=folder.id,
        state=_unfinished(folder, bool(entries)) if result is None else str(result["state"]),
        varied=varied,
        seed=(params or {}).get("seed", seed),
        metrics={} if result is None else result["metrics"],
        message="" if result is None else result.get("message") or "",
        overrides=overrides,
        curves=_curves(entries, keys),
        spans=tuple(spans_of(folder.id, entries)),
    )


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
