"""Composing: right classes, round trips, re-entrance; and every wrong request is one line that helps."""

from __future__ import annotations

import warnings
from dataclasses import fields
from enum import Enum
from pathlib import Path

import hydra
import pytest
import yaml
from hydra.core.global_hydra import GlobalHydra
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.config import registry
from rnnlab.config.compose import compose, restore
from rnnlab.config.groups import GROUPS
from rnnlab.config.recipes import conf_folder
from rnnlab.errors import RequestError


def test_every_part_is_an_instance_of_its_own_config() -> None:
    experiment = compose(["cell=gru", "optimizer=sgd"]).experiment
    assert experiment.cell.name == "gru"
    for group in GROUPS:
        config = getattr(experiment, group)
        assert type(config) is registry.component(group, config.name).Config


def test_values_arrive_with_their_types() -> None:
    experiment = compose(["optimizer.lr=1", "cell=elman", "cell.nonlinearity=relu", "bptt.state=fresh"]).experiment
    assert isinstance(experiment.optimizer.lr, float)
    assert isinstance(experiment.cell.nonlinearity, Enum) and experiment.cell.nonlinearity.value == "relu"
    assert experiment.bptt.state.value == "fresh"


def test_enumerations_are_written_as_they_are_named() -> None:
    """Hydra takes a member's name, a stored configuration holds it, and code reads its value."""
    for group in GROUPS:
        for name in registry.names(group):
            for field in fields(registry.component(group, name).Config):
                if isinstance(field.default, Enum):
                    assert all(member.name == member.value for member in type(field.default))


def test_plain_is_plain_yaml() -> None:
    composed = compose(["cell=elman", "device=cpu"])
    assert yaml.safe_load(yaml.safe_dump(composed.plain)) == composed.plain
    assert composed.plain["device"] == "cpu"
    assert composed.overrides == ["cell=elman", "device=cpu"]


@settings(max_examples=10, deadline=None)
@given(
    cell=st.sampled_from(["elman", "lstm", "gru", "irnn"]),
    hidden_size=st.integers(1, 4096),
    lr=st.floats(1e-8, 10),
    seeds=st.lists(st.integers(0, 99), unique=True, max_size=3),
    run_name=st.none() | st.from_regex(r"[a-z]{1,8}", fullmatch=True).filter(lambda s: s not in {"null", "nan"}),
)
def test_restoring_what_was_composed_gives_it_back(
    cell: str, hidden_size: int, lr: float, seeds: list[int], run_name: str | None
) -> None:
    overrides = [f"cell={cell}", f"cell.hidden_size={hidden_size}", f"optimizer.lr={lr!r}", f"sweep.seeds={seeds}"]
    if run_name is not None:
        overrides.append(f"run_name='{run_name}'")
    composed = compose(overrides)
    assert restore(composed.plain) == composed.experiment
    assert restore(yaml.safe_load(yaml.safe_dump(composed.plain))) == composed.experiment
    assert composed.experiment.optimizer.lr == lr


def test_restoring_takes_changed_settings() -> None:
    stored = compose(["cell=elman"]).plain
    restored = restore(stored, ["trainer.max_steps=77", "++threads=1"])
    assert (restored.cell.name, restored.trainer.max_steps, restored.threads) == ("elman", 77, 1)


def test_a_setting_that_is_newer_than_a_stored_configuration_has_its_default() -> None:
    stored = compose([]).plain
    del stored["cell"]["forget_bias"]
    assert restore(stored) == compose([]).experiment


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("cell._target_", "os.system", "_target_"),
        ("cell.name", "os.system", "cell=os.system: no such cell"),
        ("cell.name", None, "no such cell"),
        ("run_name", "${oc.env:HOME}", "references are not resolved"),
        ("unheard_of", 1, "unheard_of"),
        ("cell.hidden_size", "many", "not a whole number"),
        ("cell.hidden_size", 0, "at least 1"),
    ],
)
def test_a_stored_configuration_names_no_code_and_nothing_unknown(path: str, value: object, said: str) -> None:
    stored = compose([]).plain
    place, _, key = path.rpartition(".")
    (stored[place] if place else stored)[key] = value
    with pytest.raises(RequestError, match=said):
        restore(stored)


def test_the_parts_of_a_stored_run_stay() -> None:
    stored = compose([]).plain
    with pytest.raises(RequestError, match="cannot be exchanged"):
        restore(stored, ["cell=gru"])
    with pytest.raises(RequestError, match="did you mean 'trainer.max_steps'"):
        restore(stored, ["trainer.max_step=3"])


def test_composing_works_inside_a_hydra_application_and_leaves_it_as_it_was() -> None:
    with hydra.initialize_config_dir(str(conf_folder()), version_base="1.3"):
        outer = GlobalHydra.instance().hydra
        assert compose(["cell=gru"]).experiment.cell.name == "gru"
        assert GlobalHydra.instance().hydra is outer
    compose([])
    assert not GlobalHydra.instance().is_initialized()


CELL = "cell has chrono_steps, forget_bias, hidden_size"
WRONG = {
    "cell.hiden_size=1": ["no such setting 'cell.hiden_size'", CELL, "did you mean 'cell.hidden_size'?"],
    "+cell.hiden_size=1": ["+cell.hiden_size=1", CELL, "did you mean 'cell.hidden_size'?"],
    "++cell.hiden_size=1": [CELL, "did you mean 'cell.hidden_size'?"],
    "+cell.hidden_size=1": ["leave out the +"],
    "~cell.hidden_size": ["cannot be taken away"],
    "~cell": ["cannot be taken away"],
    "hidden_size=1": ["did you mean 'cell.hidden_size'?"],
    "optimizer.learning_rate=1": ["did you mean 'optimizer.lr'?"],
    "sweep.workers.cont=1": ["sweep.workers has", "did you mean 'sweep.workers.count'?"],
    "cell.hidden_size.x=1": ["no such setting 'cell.hidden_size.x'"],
    "nothing_like_it=1": ["an experiment has attention, bptt, cell, data"],
    "cell.hidden_size=abc": ["'abc' is not a whole number"],
    "cell.hidden_size=1.5": ["not a whole number"],
    "cell.hidden_size=null": ["null is not possible"],
    "cell.hidden_size=${nowhere}": ["nowhere"],
    "stack.dropout=much": ["'much' is not a number"],
    "task.tie_weights=maybe": ["'maybe' is not true or false"],
    "sweep.seeds=[a]": ["sweep.seeds[0]", "not a whole number"],
    "sweep.seeds=3": ["a list is needed"],
    "sweep.workers=inline": ["one by one"],
    "device=gpu": ["auto, cpu, cuda", "did you mean 'cpu'?"],
    "cell.hidden_size=0": ["cell.hidden_size = 0", "at least 1"],
    "stack.dropout=1": ["stack.dropout = 1.0", "[0, 1)"],
    "seed=-1": ["seed = -1"],
    "threads=-1": ["threads = -1"],
    "task.tie_weights=true": ["embedding.size = 64", "cell.hidden_size = 512"],
    "cell=lsmt": ["lstm, lstm_torch", "did you mean 'lstm'?"],
    "cell=": ["no such cell"],
    "cell=[elman]": ["no such cell"],
    "cell=elman,gru": ["add -m"],
    "cell.hidden_size=1,2": ["add -m"],
    "optimizer.lr=interval(0,1)": ["add -m"],
    "+cell=gru": ["without + or @"],
    "cell@embedding=gru": ["without + or @"],
    "cell.name=gru": ["chosen with cell=..."],
    "cell._target_=os.system": ["_target_"],
    "cell": ["key=value"],
    "=1": ["key=value"],
    "a b": ["key=value"],
    "cell.hidden_size=${": ["key=value"],
    "hydra.nothing=1": ["Hydra has no such setting"],
    "hydra/launcher=nothing": ["hydra/launcher", "basic"],
    "plugins=[no_such_lab]": ["no module or package of that name"],
    "plugins=mylab": ["a list is needed"],
}


@pytest.mark.parametrize("override", WRONG)
def test_a_wrong_override_is_one_line_that_says_where_what_and_what_is_possible(override: str, workspace: Path) -> None:
    with pytest.raises(RequestError) as caught:
        compose([override])
    line = str(caught.value)
    assert "\n" not in line
    for part in WRONG[override]:
        assert part in line
    assert not list(workspace.iterdir())


RECIPES = {
    "defaults: [elman]\nhiden_size: 3": ["cell/mine.yaml", "did you mean 'cell.hidden_size'?"],
    "defaults: [elman]\nhidden_size: abc": ["cell/mine.yaml", "cell.hidden_size", "not a whole number"],
    "defaults: [elman]\nhidden_size: 0": ["cell.hidden_size = 0"],
    "defaults: [elmann]": ["cell/mine", "elmann"],
    "hidden_size: 3": ["defaults: [NAME]"],
    "name: lstm\nhidden_size: 3": ["cell.name"],
    "name: os.system": ["defaults: [NAME]"],
    "defaults: [elman]\n_target_: os.system": ["_target_"],
    "a: [": ["mine.yaml", "line"],
    "- 1": ["cell/mine.yaml"],
    "# @package _global_\nsead: 3": ["did you mean 'seed'?"],
}


@pytest.mark.parametrize("content", RECIPES)
def test_a_wrong_recipe_is_one_line_too(content: str, tmp_path: Path) -> None:
    (tmp_path / "cell").mkdir()
    (tmp_path / "cell" / "mine.yaml").write_text(content)
    with pytest.raises(RequestError) as caught:
        compose(["cell=mine"], config_dir=str(tmp_path))
    assert "\n" not in str(caught.value)
    for part in RECIPES[content]:
        assert part in str(caught.value)


def test_a_folder_of_own_recipes(tmp_path: Path) -> None:
    (tmp_path / "cell").mkdir()
    (tmp_path / "cell" / "tiny.yaml").write_text("defaults: [elman]\nhidden_size: 3\n")
    (tmp_path / "mine.yaml").write_text("defaults: [train]\nseed: 7\n")
    assert compose(["cell=tiny"], str(tmp_path)).experiment.cell.hidden_size == 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compose(["cell=tiny"], str(tmp_path), "mine").experiment.seed == 7
    with pytest.raises(RequestError, match="no such folder"):
        compose([], str(tmp_path / "nowhere"))
    with pytest.raises(RequestError, match="primary config 'nowhere'"):
        compose([], None, "nowhere")
