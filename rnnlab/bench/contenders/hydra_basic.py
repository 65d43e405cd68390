"""Hydra's multirun with its basic launcher: one trial after another in one process."""

from __future__ import annotations

import sys

from rnnlab.bench.contenders.grid import Trial, requested
from rnnlab.bench.contenders.lightning import make_store, train


def main(*overrides: str) -> None:
    """``overrides`` choose a launcher."""
    import hydra
    from hydra.core.config_store import ConfigStore

    listed = requested()
    ConfigStore.instance().store("trial", {key: values[0] for key, values in listed.items()})
    sys.argv = [sys.argv[0], "-m", *overrides]
    sys.argv += [f"{key}={','.join(map(str, values))}" for key, values in listed.items()]
    make_store()
    hydra.main(version_base="1.3", config_path=None, config_name="trial")(lambda config: train(Trial(**config)))()


if __name__ == "__main__":
    main()
