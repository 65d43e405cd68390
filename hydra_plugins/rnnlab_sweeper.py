"""rnnlab's sweeps, offered to Hydra: ``hydra/sweeper=rnnlab``.

Hydra accepts a Sweeper from the package ``hydra_plugins`` alone, and imports this module at each of
its starts: so it is thin, and all that it needs is imported when a sweep is asked for.
"""

from __future__ import annotations

from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class RnnlabSweeper(Sweeper):
    """Hands the overrides of a multirun to rnnlab's own scheduler, which needs no Launcher.

    config_dir  a folder of the user's own recipes, for composing each run
    params      overrides that come before those of the command line, as with Hydra's own sweeper
    """

    def __init__(self, config_dir: str | None = None, params: dict[str, str] | None = None) -> None:
        self.config_dir = config_dir
        self.params = dict(params or {})

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Nothing to keep: the scheduler composes each run itself."""

    def sweep(self, arguments: list[str]) -> Any:
        """Run the sweep that the overrides describe; returns its SweepResult."""
        from rnnlab.sweep.driver import sweep

        first = [f"{key}={value}" for key, value in self.params.items()]
        return sweep([*first, *arguments], config_dir=self.config_dir)


# How Hydra finds the class above: this is Hydra's own configuration, and no experiment's. A plain dictionary,
# because Hydra executes this file without entering it among the modules, where a dataclass would look itself up.
ConfigStore.instance().store(
    group="hydra/sweeper",
    name="rnnlab",
    node={"_target_": "hydra_plugins.rnnlab_sweeper.RnnlabSweeper", "config_dir": None, "params": None},
    provider="rnnlab",
)
