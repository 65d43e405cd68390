"""joblib's Parallel over the same function, two processes."""

from __future__ import annotations

from rnnlab.bench.contenders.grid import SLOTS, requested_trials
from rnnlab.bench.contenders.lightning import make_store, train


def main() -> None:
    from joblib import Parallel, delayed

    make_store()
    Parallel(n_jobs=SLOTS)(delayed(train)(trial) for trial in requested_trials())


if __name__ == "__main__":
    main()
