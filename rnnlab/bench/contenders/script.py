"""A careful hand-written script: two warm processes, Lightning, MLFlowLogger."""

from __future__ import annotations

import argparse
import multiprocessing

from rnnlab.bench.contenders.grid import SLOTS, trials
from rnnlab.bench.contenders.lightning import make_store, train


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=300)
    steps = parser.parse_args().steps
    make_store()
    with multiprocessing.get_context("spawn").Pool(SLOTS) as pool:
        pool.starmap(train, [(trial, steps) for trial in trials()], chunksize=1)


if __name__ == "__main__":
    main()
