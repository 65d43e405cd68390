"""Sweeps that nobody trained: folders as a sweep leaves them, written in a moment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnnlab.tracking.folder import RunFolder

BEGIN = 1_700_000_000.0
"""When the first made-up run begins, seconds since 1970."""


@dataclass(frozen=True)
class MadeUpRun:
    """varied: its configuration. value: its metric, None for none. start, end: seconds after ``BEGIN``.

    state None: it has no result; start None: it never began.
    """

    varied: dict[str, str]
    seed: int
    value: float | None
    start: float | None
    end: float = 0.0
    state: str | None = "complete"
    message: str = ""
    curve: Sequence[tuple[int, float]] = ()


@dataclass(frozen=True)
class MadeUpSweep:
    """A sweep over ``space`` whose runs are ``runs``."""

    space: dict[str, list[str]]
    runs: list[MadeUpRun]
    metric: str = "best/val_loss"
    direction: str = "minimize"
    starts: Sequence[float] = (0.0,)
    extra: dict[str, Any] = field(default_factory=dict)

    def write(self, root: Path, id: str) -> RunFolder:
        """Write its folder and those of its runs below ``root``; returns its own."""
        folder = RunFolder(root / "sweeps" / id)
        folder.path.mkdir(parents=True)
        ids = [f"{id[:4]}{place:04x}" for place in range(len(self.runs))]
        for run_id, run in zip(ids, self.runs, strict=True):
            _write_run(RunFolder(root / run_id), run, self.metric)
        seeds = sorted({run.seed for run in self.runs})
        arguments = [f"{key}={','.join(values)}" for key, values in self.space.items()]
        described = {"id": id, "arguments": arguments, "space": self.space, "seeds": seeds, "sampler": "grid"}
        described |= {"metric": self.metric, "direction": self.direction, "code": ["0"], "runs": ids, **self.extra}
        folder.write_json("sweep.json", described)
        kinds = ["start", *["resume"] * (len(self.starts) - 1)]
        lines = [{"kind": kind, "time": _stamp(at)} for kind, at in zip(kinds, self.starts, strict=True)]
        _write_lines(folder, lines)
        if all(run.state is not None for run in self.runs):
            failed = any(run.state == "failed" for run in self.runs)
            folder.write_json("result.json", {"state": "failed" if failed else "complete"})
        return folder


def _write_run(folder: RunFolder, run: MadeUpRun, metric: str) -> None:
    if run.start is None:
        return
    folder.path.mkdir(parents=True)
    overrides = [*(f"{key}={value}" for key, value in run.varied.items()), f"seed={run.seed}"]
    folder.write_json("environment.json", {"overrides": overrides})
    _write_lines(folder, list(_entries(folder.id, run)))
    if run.state is not None:
        metrics = {} if run.value is None else {metric: run.value}
        result = {"run_id": folder.id, "state": run.state, "metrics": metrics, "message": run.message}
        folder.write_json("result.json", result)


def _entries(run_id: str, run: MadeUpRun) -> Iterator[dict[str, Any]]:
    assert run.start is not None
    params = {**run.varied, "seed": str(run.seed)}
    yield {"kind": "start", "time": _stamp(run.start), "run_id": run_id, "name": "a run", "params": params}
    for place, (step, value) in enumerate(run.curve, start=1):
        time = run.start + (run.end - run.start) * place / len(run.curve)
        yield {"kind": "metric", "time": _stamp(time), "step": step, "values": {"val/loss": value}}
    if run.state is not None:
        yield {"kind": "finish", "time": _stamp(run.end), "status": "FINISHED"}


def _write_lines(folder: RunFolder, lines: list[dict[str, Any]]) -> None:
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    (folder.path / "points.jsonl").write_text(text, encoding="utf-8")


def _stamp(seconds: float) -> int:
    return round((BEGIN + seconds) * 1000)


def small_sweep(**changes: Any) -> MadeUpSweep:
    """Two cells, two seeds, two slots: lstm 1.0 and 2.0, gru 1.25 and 1.35."""
    lstm, gru = {"cell": "lstm"}, {"cell": "gru"}
    runs = [
        MadeUpRun(lstm, 0, 1.0, 0, 10, curve=[(10, 3.0), (20, 1.0)]),
        MadeUpRun(gru, 0, 1.25, 0, 8, curve=[(10, 2.0), (20, 1.25)]),
        MadeUpRun(lstm, 1, 2.0, 10, 20, curve=[(10, 3.0), (20, 2.0)]),
        MadeUpRun(gru, 1, 1.35, 8, 20, curve=[(10, 2.0), (20, 1.35)]),
    ]
    return MadeUpSweep(**({"space": {"cell": ["lstm", "gru"]}, "runs": runs} | changes))


def large_sweep(trials: int = 100, seeds: int = 3) -> MadeUpSweep:
    """Many trials over four parameters: the loss depends on the learning rate most, on the size a little."""
    runs = []
    for seed in range(seeds):
        for place in range(trials):
            lr, size = 10 ** (-4 + 3 * (place * 0.618 % 1)), 32 * 2 ** (place % 4)
            cell, dropout = ("lstm", "gru", "elman")[place % 3], round((place * 0.414 % 1) * 0.5, 3)
            varied = {"optimizer.lr": f"{lr:.3g}", "cell.hidden_size": str(size), "cell": cell}
            varied["stack.dropout"] = str(dropout)
            loss = 1.5 + 0.4 * abs(place * 0.618 % 1 - 0.6) + 4 / size + 0.05 * (place % 3) + 0.01 * seed
            slot, turn = divmod(place, 4)[1], seed * trials // 4 + place // 4
            curve = [(step, loss + 3 / (1 + step / 50)) for step in range(0, 1001, 50)]
            start = turn * 30.0 + slot
            runs.append(MadeUpRun(varied, seed, loss, start, start + 22 + place % 7, curve=curve))
    keys = list(runs[0].varied)
    return MadeUpSweep({key: sorted({run.varied[key] for run in runs}) for key in keys}, runs)
