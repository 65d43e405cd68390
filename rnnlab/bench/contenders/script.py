"""A careful hand-written script: two warm processes, Lightning, MLFlowLogger."""

from __future__ import annotations

import multiprocessing

from rnnlab.bench.contenders.grid import SLOTS, requested_trials
from rnnlab.bench.contenders.lightning import make_store, train


def main() -> None:
    make_store()
    with multiprocessing.get_context("spawn").Pool(SLOTS) as pool:
        pool.map(train, requested_trials(), chunksize=1)


if __name__ == "__main__":
    main()
