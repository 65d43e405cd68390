"""Ray Tune with one core a trial, as its documentation runs a function."""

from __future__ import annotations

import os

from rnnlab.bench.contenders.grid import SLOTS, Trial, requested


def main() -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray
    from ray import tune

    from rnnlab.bench.contenders.lightning import make_store, train

    make_store()
    folder = os.getcwd()

    def trial(config: dict) -> dict:
        os.chdir(folder)  # where the store lies
        return {"loss": train(Trial(**config))}

    ray.init(address="local", num_cpus=SLOTS, include_dashboard=False, log_to_driver=False)
    tune.Tuner(
        tune.with_resources(trial, {"cpu": 1}),
        param_space={key: tune.grid_search(list(values)) for key, values in requested().items()},
        run_config=tune.RunConfig(storage_path=os.path.join(folder, "tune"), verbose=0),
    ).fit()


if __name__ == "__main__":
    main()
