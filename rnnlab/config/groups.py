"""The groups of an experiment: which noun of the command line is which package and base class.

Classes are named as ``"module:Class"`` strings: the table must not import what it lists.
"""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.errors import RequestError, did_you_mean

ROOT = "rnnlab.experiment:Experiment"
DEFAULT = "default"
"""The one option of a group that is a single class; recipes in conf/ stand beside it."""


@dataclass(frozen=True, slots=True)
class Group:
    """One noun, ``cell`` in ``cell=lstm``.

    base      "module:Class": what every component of the group descends from, or the one class there is
    package   where the components lie, one to a module; None for a group of a single class
    """

    name: str
    base: str
    package: str | None = None

    @property
    def base_module(self) -> str:
        return self.base.partition(":")[0]

    @property
    def base_class(self) -> str:
        return self.base.partition(":")[2]


GROUPS: dict[str, Group] = {
    group.name: group
    for group in (
        Group("cell", "rnnlab.models.cells.base:Cell", "rnnlab.models.cells"),
        Group("embedding", "rnnlab.models.embeddings.base:Embedding", "rnnlab.models.embeddings"),
        Group("stack", "rnnlab.models.stack:Stack"),
        Group("bptt", "rnnlab.training.bptt:BPTT"),
        Group("data", "rnnlab.data.base:Dataset", "rnnlab.data"),
        Group("task", "rnnlab.models.tasks.base:Task", "rnnlab.models.tasks"),
        Group("encoder", "rnnlab.models.encoders.base:Encoder", "rnnlab.models.encoders"),
        Group("attention", "rnnlab.models.attention.base:Attention", "rnnlab.models.attention"),
        Group("optimizer", "rnnlab.training.optimizers.base:Optimizer", "rnnlab.training.optimizers"),
        Group("trainer", "rnnlab.training.trainer:Trainer"),
        Group("probe", "rnnlab.probes.probing:Probing"),
        Group("tracking", "rnnlab.tracking.setup:Tracking"),
        Group("sweep", "rnnlab.sweep.base:Sweep"),
    )
}

PROBE, STUDY = "probe.names", "sweep.study"
NAMED: dict[str, Group] = {
    group.name: group
    for group in (
        Group(PROBE, "rnnlab.probes.base:Probe", "rnnlab.probes"),
        Group(STUDY, "rnnlab.studies.base:Study", "rnnlab.studies"),
    )
}
"""Components that a setting names, after which their group is called: they have no settings of their own."""

RECIPE = "recipe"
"""``recipe=NAME``: settings of several groups in one file. It is no part of an experiment, only of how one is made."""
CHOSEN = (*GROUPS, RECIPE)
"""All that is chosen by a name of its own."""


def find_group(name: str) -> Group:
    """The group called ``name``. Raises RequestError where there is none."""
    if name in NAMED:
        return NAMED[name]
    if name not in GROUPS:
        raise RequestError(f"{name}: no such group; there are {', '.join(GROUPS)}{did_you_mean(name, GROUPS)}")
    return GROUPS[name]
