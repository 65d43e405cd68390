"""conf/: each recipe composes, has its schema and says what it is; Hydra leaves no folder; the map is true."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from rnnlab.config import readme, registry
from rnnlab.config.compose import compose
from rnnlab.config.groups import CHOSEN, GROUPS, RECIPE
from rnnlab.config.listing import default_choice
from rnnlab.config.recipes import conf_folder, recipe_summary, recipes

RECIPES = [
    (file.parent.name, file.stem) for file in sorted(conf_folder().glob("*/*.yaml")) if file.parent.name != RECIPE
]
WHOLE = sorted(recipes(RECIPE))
OPTIONS = [(group, name) for group in GROUPS for name in registry.names(group)]
NEEDED = {
    ("task", "encoder_decoder"): ["encoder=recurrent"],
    ("data", "text"): ["data.path=words.txt"],
    ("stack", "bidirectional"): ["task=classification", "data=digits"],
}
"""What an option cannot do without."""
DECODING = {"encoder": ["task=encoder_decoder"], "attention": ["task=encoder_decoder", "encoder=recurrent"]}
"""What has an encoder or attention at all."""


def test_conf_holds_nothing_but_the_defaults_the_map_and_recipes_of_known_groups() -> None:
    assert {file.name for file in conf_folder().glob("*.*")} == {"train.yaml", "README.md"}
    assert {folder.name for folder in conf_folder().iterdir() if folder.is_dir()} <= set(CHOSEN)


@pytest.mark.parametrize(("group", "name"), RECIPES)
def test_a_recipe_composes_over_its_schema_and_says_what_it_is(group: str, name: str) -> None:
    assert name not in registry.names(group), "a recipe would hide the component of that name"
    assert recipe_summary(recipes(group)[name])
    config = getattr(compose([f"{group}={name}", *NEEDED.get((group, name), [])]).experiment, group)
    assert type(config) is registry.component(group, config.name).Config
    written = yaml.safe_load(recipes(group)[name].read_text(encoding="utf-8"))
    assert config.name == written["defaults"][0]


@pytest.mark.parametrize("name", WHOLE)
def test_a_recipe_over_several_groups_composes_and_says_what_it_is(name: str) -> None:
    assert recipe_summary(recipes(RECIPE)[name])
    assert (compose([f"{RECIPE}={name}"]).plain == compose([]).plain) is (name == "none")


@pytest.mark.parametrize(("group", "name"), OPTIONS)
def test_a_component_is_an_option_without_any_yaml(group: str, name: str) -> None:
    needed = NEEDED.get((group, name), DECODING.get(group, []) if name != "none" else [])
    experiment = compose([*needed, f"{group}={name}"]).experiment
    assert getattr(experiment, group).name == name


def test_every_group_has_a_default() -> None:
    plain = compose([]).plain
    assert all(default_choice(group) == plain[group]["name"] for group in GROUPS)
    assert default_choice(RECIPE) == "none"


def test_the_map_of_conf_is_up_to_date() -> None:
    written = (conf_folder() / "README.md").read_text(encoding="utf-8")
    assert written == readme.text(), "write it anew with `python -m rnnlab.config.readme`"


def test_every_file_that_the_map_links_exists() -> None:
    links = [part.split(")")[0] for part in readme.text().split("](")[1:]]
    assert links
    assert all((conf_folder() / link).resolve().is_file() for link in links)


def test_composing_creates_nothing(workspace: Path) -> None:
    compose(["cell=gru"])
    assert not list(workspace.iterdir())
