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


@pytest.mark.parametrize(
    "text",
    [
        "cell: lstm\n",
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
