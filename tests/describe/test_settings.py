"""What docstrings say of settings, found and put beside their values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import pytest

from rnnlab.config import registry
from rnnlab.config.schema import ComponentConfig
from rnnlab.describe.settings import settings_of


class Way(str, Enum):
    """How one goes. By day or by night."""

    day = "day"
    night = "night"


@dataclass(kw_only=True, slots=True)
class Parent(ComponentConfig):
    """size: how large, at
    least 1. way: how one goes here."""

    size: int = 3
    way: Way = Way.day


@dataclass(kw_only=True, slots=True)
class Child(Parent):
    """Something in general.

    steps   steps of each run
    """

    steps: list[int] = field(default_factory=list)
    untold: Way = Way.night


def test_meanings_come_from_the_docstrings_of_all_parents() -> None:
    told = {row["name"]: row for row in settings_of(Child(size=5))}
    assert list(told) == ["size", "way", "steps", "untold"]
    assert told["size"]["meaning"] == "how large, at least 1"
    assert (told["size"]["value"], told["size"]["default"]) == (5, 3)
    assert told["way"] == {
        "name": "way",
        "value": "day",
        "default": "day",
        "choices": ["day", "night"],
        "meaning": "how one goes here",
    }
    assert told["steps"]["meaning"] == "steps of each run" and told["steps"]["default"] == []
    assert told["untold"]["meaning"] == "How one goes", "an enumeration says it where the Config does not"


@pytest.mark.parametrize("name", registry.names("cell"))
def test_every_setting_of_a_cell_is_told(name: str) -> None:
    config = registry.component("cell", name).Config(name=name)
    assert not [row["name"] for row in settings_of(config) if not row["meaning"]]
