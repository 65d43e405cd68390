"""Sweeps that nobody trained: folders as a sweep leaves them, written in a moment."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnnlab.tracking.folder import RunFolder

BEGIN = 1_700_000_000.0
"""When the first made-up run begins, seconds since 1970."""


@dataclass(frozen=True)
class MadeUpRun:
    """varied: its configuration. value: its metric, None for none. start, end: seconds after ``BEGIN``.

    state None: it has no result; start None: it never began. metrics: further ones.
    absent: files of its folder that are missing.
    """

    varied: dict[str, str]
    seed: int
    value: float | None
    start: float | None
    end: float = 0.0
    state: str | None = "complete"
    message: str = ""
    curve: Sequence[tuple[int, float]] = ()
    metrics: dict[str, float] = field(default_factory=dict)
    absent: Sequence[str] = ()


@dataclass(frozen=True)
class MadeUpSweep:
    """A sweep over ``space`` whose runs are ``runs``."""

    space: dict[str, list[str]]
    runs: list[MadeUpRun]
    metric: str = "best/val_loss"
    direction: str = "minimize"
    starts: Sequence[float] = (0.0,)
    extra: dict[str, Any] = field(default_factory=dict)
    winner: dict[str, Any] | None = None

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
        if self.winner is not None:
            folder.write_json("winner.json", self.winner)
        return folder


def _write_run(folder: RunFolder, run: MadeUpRun, metric: str) -> None:
    if run.start is None:
        return
    folder.path.mkdir(parents=True)
    overrides = [*(f"{key}={value}" for key, value in run.varied.items()), f"seed={run.seed}"]
    folder.write_json("environment.json", {"overrides": overrides})
    _write_lines(folder, list(_entries(folder.id, run)))
    if run.state is not None:
        metrics = run.metrics if run.value is None else {**run.metrics, metric: run.value}
        result = {"run_id": folder.id, "state": run.state, "metrics": metrics, "message": run.message}
        folder.write_json("result.json", result | {"seconds": 0.9 * (run.end - run.start)})
    for name in run.absent:
        (folder.path / name).unlink(missing_ok=True)


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


DRAWN = {
    "optimizer.lr": ["tag(log,interval(0.0001,1.0))"],
    "cell.hidden_size": ["tag(log,int(interval(20,200)))"],
    "embedding.noise": ["interval(0.0,1.0)"],
}


def drawn_settings(draw: int) -> dict[str, str]:
    """What the blocks of a sweep share in one draw."""
    shares = random.Random(draw)
    lr, size, noise = 10 ** (-4 * shares.random()), round(20 * 10 ** shares.random()), shares.random()
    return {"optimizer.lr": f"{lr:.6g}", "cell.hidden_size": str(size), "embedding.noise": f"{noise:.6g}"}


def blocked_sweep(scores: Mapping[str, Sequence[float | None]], direction: str = "minimize") -> MadeUpSweep:
    """A random search in which each cell got the same draws; None: the trial diverged. Runs are in order of draws."""
    runs = []
    for draw, values in enumerate(zip(*scores.values(), strict=True)):
        for cell, value in zip(scores, values, strict=True):
            state = "diverged" if value is None else "complete"
            varied = {"cell": cell, **drawn_settings(draw)}
            runs.append(MadeUpRun(varied, 0, value, float(len(runs)), len(runs) + 1.0, state=state))
    extra = {"sampler": "random", "blocks": ["cell"]}
    return MadeUpSweep({"cell": list(scores), **DRAWN}, runs, direction=direction, extra=extra)


SEARCHED = {
    "optimizer.lr": ["tag(log,interval(1e-05,0.3))"],
    "cell.hidden_size": ["64", "128", "256", "512"],
    "stack.depth": ["1", "2", "3"],
    "stack.dropout": ["interval(0.0,0.5)"],
    "bptt.window": ["32", "64", "128", "256"],
    "cell": ["lstm", "gru", "elman"],
    "cell.beta": ["interval(0.1,2.0)"],
}
"""What ``search_sweep`` draws from; the last one belongs to one cell only."""
RUNGS = (200, 600)
"""Steps at which its trials are compared."""


def search_sweep(trials: int = 100, pruned: int = 60, seed: int = 0, **extra: Any) -> MadeUpSweep:
    """A search with Hyperband over six parameters and a conditional one, on four slots; the best is tested."""
    draw = random.Random(seed)
    drawn = [_drawn(draw, learned=place / trials) for place in range(trials)]
    worst = sorted(range(trials), key=lambda place: drawn[place][0])[trials - pruned :]
    runs: list[MadeUpRun] = []
    free = [0.0] * 4
    for place, (loss, varied) in enumerate(drawn):
        steps = RUNGS[place % 3 == 0] if place in worst else 2000
        slot = free.index(min(free))
        start, free[slot] = free[slot], free[slot] + 2 + steps * 0.03 * (1 + int(varied["stack.depth"]) / 4)
        runs.append(_searching(draw, loss, varied, steps, (start, free[slot] - 1)))
    best = min((run for run in runs if run.value is not None), key=lambda run: run.value or 0, default=None)
    winner = (
        None
        if best is None
        else {"run_id": f"abcd{runs.index(best):04x}", "trial": 0, "command": f"rnnlab train {_words(best)}"}
    )
    if winner is not None:
        winner["metrics"] = {"test/loss": 1.52, "test/loss_low": 1.49, "test/loss_high": 1.55}
    described = {"sampler": "tpe", "pruner": "hyperband", "constraints": ["parameters <= 2000000"], **extra}
    return MadeUpSweep(SEARCHED, runs, extra=described, winner=winner)


def _words(run: MadeUpRun) -> str:
    return " ".join([*(f"{key}={value}" for key, value in run.varied.items()), f"seed={run.seed}"])


def _drawn(draw: random.Random, learned: float) -> tuple[float, dict[str, str]]:
    """A loss and its configuration; the more the sampler has learned, the nearer to the best."""
    lr = 10 ** draw.gauss(-2.5 + 0.5 * (1 - learned), 0.9 - 0.5 * learned)
    size, depth, window = draw.choice([64, 128, 256, 512]), draw.choice([1, 2, 3]), draw.choice([32, 64, 128, 256])
    dropout, cell = draw.uniform(0, 0.5), draw.choice(["lstm", "gru", "elman"])
    varied = {"optimizer.lr": repr(lr), "cell.hidden_size": str(size), "stack.depth": str(depth)}
    varied |= {"stack.dropout": repr(dropout), "bptt.window": str(window), "cell": cell}
    if cell == "elman":
        varied["cell.beta"] = repr(draw.uniform(0.1, 2))
    loss = 1.45 + 0.15 * (math.log10(lr) + 2.5) ** 2 + 12 / size + 0.25 * (cell == "elman") + 0.1 * abs(dropout - 0.2)
    return loss + draw.gauss(0, 0.02), varied


def _searching(
    draw: random.Random, loss: float, varied: dict[str, str], steps: int, span: tuple[float, float]
) -> MadeUpRun:
    speed = 60 + 50 * draw.random()
    curve = [(step, loss + 2.4 * math.exp(-step / speed / 2) + 30 / (step + 40)) for step in range(0, steps + 1, 50)]
    state = "complete" if steps == 2000 else "pruned"
    size, depth = int(varied["cell.hidden_size"]), int(varied["stack.depth"])
    metrics = {"parameters": 4.0 * size * size * depth + 65 * size}
    return MadeUpRun(varied, 0, curve[-1][1], *span, state=state, curve=curve, metrics=metrics)
