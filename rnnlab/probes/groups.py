"""Where probes lie: each is one file of this package, found as the parts of an experiment are."""

from __future__ import annotations

from rnnlab.config.groups import Group

PROBES = Group("probe", "rnnlab.probes.base:Probe", "rnnlab.probes")
