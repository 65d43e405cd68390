"""Presets are read from YAML files of Hydra's own form."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.errors import RequestError
from rnnlab.sweep.presets import preset_overrides, presets, summary


def written(workspace: Path, text: str) -> str:
    folder = workspace / "sweeps"
    folder.mkdir()
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    return "mine"


def test_a_preset_of_ones_own_stands_beside_those_of_rnnlab(workspace: Path) -> None:
    params = "{stack.depth: '1,2', a: null, b: true}"
    text = f"# @package _global_\n# How deep?\nhydra: {{mode: MULTIRUN, sweeper: {{params: {params}}}}}\n"
    name = written(workspace, text)
    assert preset_overrides(name) == ["stack.depth=1,2", "a=null", "b=True"]
    assert summary(name) == "How deep?"
    assert {"smoke", name} <= set(presets())


def test_an_unknown_preset_is_named_with_what_there_is(workspace: Path) -> None:
    with pytest.raises(RequestError, match="no such preset; there are .*smoke, .*did you mean 'smoke'"):
        preset_overrides("smoka")


VARIED = """hydra: {mode: MULTIRUN, sweeper: {params: {data: hello, trainer.max_steps: 10}}}
variants:
  data=digits: {task: classification, trainer.max_steps: 20}
  size=small: {}
  size=full: {trainer.max_steps: 1000}
"""


def test_what_goes_along_with_a_word_comes_before_what_was_given(workspace: Path) -> None:
    name = written(workspace, VARIED)
    first = ["data=hello", "trainer.max_steps=10"]
    assert preset_overrides(name) == preset_overrides(name, ["size=small"]) == first
    assert preset_overrides(name, ["data=text", "seed=1"]) == [*first, "data=text", "seed=1"]
    along = ["data=hello", "trainer.max_steps=1000", "task=classification", "data=digits"]
    assert preset_overrides(name, ["size=full", "data=digits"]) == along
    assert preset_overrides(name, ["size=full", "trainer.max_steps=5"])[-1] == "trainer.max_steps=5"


def test_a_size_that_a_preset_does_not_have_is_refused(workspace: Path) -> None:
    with pytest.raises(RequestError, match="size=huge: sweep 'mine' has size=small, size=full"):
        preset_overrides(written(workspace, VARIED), ["size=huge"])
    with pytest.raises(RequestError, match="size=full: sweep 'smoke' has one size only"):
        preset_overrides("smoke", ["size=full"])


@pytest.mark.parametrize(
    "text",
    [
        "cell: lstm\n",
        "hydra: {mode: MULTIRUN, sweeper: {params: {cell: lstm}}}\nvariants: [size=full]\n",
        "hydra: {mode: MULTIRUN, sweeper: {params: {cell: lstm}}}\nvariants: {size=full: 3}\n",
        "hydra: {mode: RUN, sweeper: {params: {cell: lstm}}}\n",
        "hydra: {mode: MULTIRUN, sweeper: {params: {cell: lstm}}}\ncell: lstm\n",
        "hydra: {mode: MULTIRUN, sweeper: {params: {cell: [lstm, gru]}}}\n",
        "hydra: [\n",
        "",
    ],
)
def test_a_file_of_another_form_is_refused_in_one_line(text: str, workspace: Path) -> None:
    name = written(workspace, text)
    with pytest.raises(RequestError) as error:
        preset_overrides(name)
    assert "\n" not in str(error.value)
    assert "mine" in str(error.value)
