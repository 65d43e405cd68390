"""The quick way of composing gives what Hydra gives."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from rnnlab.config import overrides as grammar
from rnnlab.config.compose import prepare
from rnnlab.config.composition import by_hydra, composed
from rnnlab.config.recipes import PRIMARY

LISTS = [
    [],
    ["cell=lstm"],
    ["cell=irnn", "cell.hidden_size=7"],
    ["cell.hidden_size=7", "cell=gru", "cell.hidden_size=9"],
    ["optimizer=char_rnn", "optimizer.lr=1e-2", "seed=3", "run_name='a b=c'"],
    ["sweep.seeds=[0,1]", "sweep.workers.count=2", "trainer.max_minutes=null"],
    ["+cell.hidden_size=5", "++seed=4"],
    ["data=text", "data.path='${oc.env:HOME}/x'"],
]


@pytest.mark.parametrize("lines", LISTS, ids=" ".join)
def test_both_ways_give_the_same(lines: list[str]) -> None:
    plugins = prepare(lines)
    parsed = grammar.parse(lines)
    for _ in range(2):  # the second time from memory
        quick = composed(parsed, plugins, None, PRIMARY)
        whole = by_hydra(grammar.without_plus(parsed), plugins, None, PRIMARY)
        assert OmegaConf.to_yaml(quick, resolve=True) == OmegaConf.to_yaml(whole, resolve=True)


def test_what_is_remembered_is_not_changed_by_who_gets_it() -> None:
    prepare([])
    first = composed(grammar.parse(["cell=gru", "cell.hidden_size=3"]), [], None, PRIMARY)
    first.cell.hidden_size = 99
    assert composed(grammar.parse(["cell=gru"]), [], None, PRIMARY).cell.hidden_size not in (3, 99)


def test_an_edited_recipe_is_read_again(tmp_path: Path) -> None:
    prepare([])
    recipe = tmp_path / "optimizer" / "mine.yaml"
    recipe.parent.mkdir()
    for rate in (0.25, 0.5):
        recipe.write_text(f"defaults: [adamw]\nlr: {rate}\n", encoding="utf-8")
        parsed = grammar.parse(["optimizer=mine"])
        assert composed(parsed, [], str(tmp_path), PRIMARY).optimizer.lr == rate
        time.sleep(0.01)  # file systems count time in milliseconds
