"""Hydra's multirun with its joblib launcher, two processes."""

from __future__ import annotations

from rnnlab.bench.contenders import hydra_basic
from rnnlab.bench.contenders.grid import SLOTS

if __name__ == "__main__":
    hydra_basic.main("hydra/launcher=joblib", f"hydra.launcher.n_jobs={SLOTS}")
