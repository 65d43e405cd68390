"""Each component's Config as a Hydra schema, so that a part without any YAML is an option all the same."""

from __future__ import annotations

from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf

from rnnlab.config import registry
from rnnlab.config.groups import GROUPS, ROOT

SCHEMA = "experiment"
"""The name of the root schema, the first entry of the defaults list."""

_stored: set[tuple[str, str]] = set()


def register() -> None:
    """Put the root schema and those of all known options into Hydra's ConfigStore, once each."""
    store = ConfigStore.instance()
    for group in GROUPS:
        for name in registry.names(group):
            if (group, name) not in _stored:
                store.store(group=group, name=name, node=schema(group, name), provider="rnnlab")
                _stored.add((group, name))
    if ("", SCHEMA) not in _stored:
        store.store(name=SCHEMA, node=root_schema(), provider="rnnlab")
        _stored.add(("", SCHEMA))


def schema(group: str, name: str) -> DictConfig:
    """The typed node of one option: its Config with ``name`` filled in. Ranges are not checked yet."""
    node: DictConfig = OmegaConf.structured(registry.component(group, name).Config)
    node.name = name
    return node


def root_schema() -> DictConfig:
    """The typed node of the whole experiment, its groups still missing."""
    node: DictConfig = OmegaConf.structured(registry.named_class(ROOT, "rnnlab"))
    return node
