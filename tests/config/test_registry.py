"""What is read from files and what is found by importing must agree, for every group."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlab.config import registry
from rnnlab.config.groups import GROUPS
from rnnlab.config.schema import ComponentConfig
from rnnlab.config.source import options, settings
from rnnlab.errors import RequestError

EVERY = [(group, name) for group in GROUPS for name in registry.names(group)]


@pytest.mark.parametrize(("group", "name"), EVERY)
def test_an_option_is_the_one_concrete_class_of_its_module(group: str, name: str) -> None:
    found = registry.component(group, name)
    assert not inspect.isabstract(found)
    assert issubclass(found, registry.base(GROUPS[group]))
    assert found.__name__ == options(GROUPS[group])[name].written.name
    assert issubclass(found.Config, ComponentConfig)


@pytest.mark.parametrize(("group", "name"), EVERY)
def test_the_settings_that_are_read_are_those_of_the_config(group: str, name: str) -> None:
    config = registry.component(group, name).Config
    assert set(settings(options(GROUPS[group])[name])) | {"name"} == set(config.__dataclass_fields__)


@pytest.mark.parametrize(("group", "name"), EVERY)
def test_every_option_says_what_it_is(group: str, name: str) -> None:
    assert options(GROUPS[group])[name].written.summary


def test_unknown_names() -> None:
    with pytest.raises(RequestError, match=r"cell=lsmt: no such cell; there are .* \(did you mean 'lstm'\?\)"):
        registry.component("cell", "lsmt")
    with pytest.raises(RequestError, match="sell: no such group"):
        registry.names("sell")


def test_reading_names_imports_no_torch() -> None:
    code = (
        "import sys\nfrom rnnlab.config import registry\nfrom rnnlab.config.groups import GROUPS\n"
        "assert all(registry.names(group) for group in GROUPS)\n"
        "assert not {'torch', 'hydra', 'omegaconf'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
