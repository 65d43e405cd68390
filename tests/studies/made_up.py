"""Sweeps with tables of probes that nobody measured: gradients that decay as they were told to."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnnlab.analysis.sweeps import SweepRecord, read_sweep
from rnnlab.tracking.folder import RunFolder
from tests.report.made_up import MadeUpRun, MadeUpSweep

STEPS = (0, 100, 1000)
LAGS, UNITS, FEATURES = 30, 4, 2
SEEDS = 5


def write_table(folder: RunFolder, name: str, step: int, rows: Sequence[Mapping[str, Any]]) -> Path:
    """As a probe leaves it."""
    path = folder.path / "tables" / name / f"{step:08d}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def decaying_tables(
    folder: RunFolder, factor: float, parts: Sequence[str] = ("h",), steps: Sequence[int] = STEPS
) -> None:
    """All tables of a run whose gradients change by ``factor`` a step back."""
    rate = math.log(factor)
    half_life = math.log(2) / -rate if rate < 0 else math.inf
    for step in steps:
        flow = [
            {"layer": layer, "quantity": part, "lag": lag, "log10_norm": norm, "low": norm - 0.1, "high": norm + 0.1}
            for layer, shift in (("layer0", -1.0), ("layer1", 0.0))
            for part in (*parts, "input_matrix")
            for lag in range(LAGS)
            for norm in [shift + lag * math.log10(factor)]
        ]
        write_table(folder, "gradient_flow", step, flow)
        numbers = {"rate": rate, "rate_low": rate, "rate_high": rate}
        numbers |= {"half_life": half_life, "half_life_low": half_life, "half_life_high": half_life, "lags": LAGS}
        decay = [
            {"layer": layer, "quantity": part, **(numbers if layer == "layer1" else numbers | {"rate": rate - 1})}
            for layer in ("layer0", "layer1")
            for part in (*parts, "input_matrix")
        ]
        write_table(folder, "gradient_decay", step, decay)
        singular = [
            {"layer": "layer1", "lag": lag, "index": index, "log10_value": lag * math.log10(factor) - 0.1 * index}
            for lag in (1, 2, 4, 8)
            for index in range(UNITS)
        ]
        write_table(folder, "jacobian_singular_values", step, singular)
        lyapunov = [
            {"layer": "layer1", "index": index, "exponent": rate - 0.1 * index, "low": rate - 1, "high": rate + 1}
            for index in range(UNITS)
        ]
        write_table(folder, "jacobian_lyapunov", step, lyapunov)
        if "c" in parts:
            gates = [{"layer": "layer1", "gate": gate, "below": 0.2, "above": 0.3, "mean": 0.5} for gate in ("i", "f")]
            write_table(folder, "saturation", step, gates)
    rows = [
        {"t": t, "unit": unit, "feature": feature, "gradient": factor ** (LAGS - 1 - t) * (1 + unit + feature)}
        for t in range(LAGS)
        for unit in range(UNITS)
        for feature in range(FEATURES)
    ]
    for step in (steps[0], steps[-1]):
        write_table(folder, "input_gradient", step, rows)


def decaying_sweep(
    root: Path,
    factors: Mapping[str, float],
    spread: float = 0.002,
    seeds: int = SEEDS,
    states: Mapping[tuple[str, int], str | None] | None = None,
    losses: Mapping[str, float] | None = None,
    id: str = "abcd0000",
    study: str | None = "vanishing_gradient",
) -> SweepRecord:
    """Cells whose gradients change by about these factors a step; what is not complete has a table of step 0 only.

    spread: of the factors over seeds. states: of runs that are not complete; "waiting" never began.
    """
    given, lower = states or {}, losses or {}
    runs, tables = [], []
    generator = np.random.default_rng(0)
    for cell, factor in factors.items():
        for seed in range(seeds):
            state = given.get((cell, seed), "complete")
            value = lower.get(cell, 1 - factor) + 1e-3 * seed if state == "complete" else None
            start = None if state == "waiting" else 10.0 * seed
            ended = None if state in ("running", "waiting") else state
            runs.append(MadeUpRun({"cell": cell}, seed, value, start, 10.0 * seed + 9, state=ended))
            drawn = factor + spread * generator.standard_normal()
            tables.append((drawn, ("h", "c") if "lstm" in cell else ("h",), state))
    folder = MadeUpSweep({"cell": list(factors)}, runs, extra={"study": study}).write(root, id)
    for place, (factor, parts, state) in enumerate(tables):
        run = RunFolder(root / f"{id[:4]}{place:04x}")
        if state != "waiting":
            decaying_tables(run, factor, parts, STEPS if state == "complete" else STEPS[:1])
    return read_sweep(folder)
