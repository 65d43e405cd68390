"""Hydra's multirun with its basic launcher: one trial after another in one process."""

from __future__ import annotations

import sys

from rnnlab.bench.contenders.grid import HIDDEN, RATES, SEEDS, Trial
from rnnlab.bench.contenders.lightning import make_store, train


def main() -> None:
    import hydra
    from hydra.core.config_store import ConfigStore

    ConfigStore.instance().store("trial", {"hidden": 64, "rate": 1e-3, "seed": 0, "steps": 300})
    steps = sys.argv[sys.argv.index("--steps") + 1] if "--steps" in sys.argv else "300"
    listed = {"hidden": HIDDEN, "rate": RATES, "seed": SEEDS}
    sys.argv = [sys.argv[0], "-m", f"steps={steps}"]
    sys.argv += [f"{key}={','.join(map(str, values))}" for key, values in listed.items()]
    make_store()
    hydra.main(version_base="1.3", config_path=None, config_name="trial")(
        lambda config: train(Trial(config.hidden, config.rate, config.seed), config.steps)
    )()


if __name__ == "__main__":
    main()
