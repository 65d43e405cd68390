"""``rnnlab cells show``: for each cell there is, and for one of the user's own."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from rnnlab.config import registry, store
from rnnlab.describe.description import describe
from rnnlab.describe.page import CELL_FILE, PAGE_FILE, UNROLLED_FILE, cell_page, write

OWN_CELL = '''
import torch
from torch import nn
from rnnlab.models.cells.base import Cell, uniform_parameter

class Own(Cell):
    """Somebody 2026, "<Leaky> & simple".

        h_t = tanh(W x_t + R h_(t-1) + u * h_(t-1))    <i>leaky</i> & simple

    A cell of one's own.
    """

    names = ("h",)
    step_weights = ("R_HH", "u_H")

    def __init__(self, config, input_size):
        super().__init__(config, input_size)
        self.W_HD = self.input_weights(self.hidden_size)
        self.R_HH = uniform_parameter(self.hidden_size, self.hidden_size, hidden_size=self.hidden_size)
        self.u_H = nn.Parameter(torch.zeros(self.hidden_size))

    @classmethod
    def parameter_count(cls, config, input_size):
        return config.hidden_size * (config.hidden_size + input_size + 1)

    def project(self, x_BTD):
        return x_BTD @ self.W_HD.T

    def step(self, p_BG, state, w, edit):
        (h_BH,) = state
        h_BH = edit("h", torch.tanh(p_BG + h_BH @ w.R_HH.T + w.u_H * h_BH))
        return h_BH, (h_BH,)
'''


class Words(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("name", registry.names("cell"))
def test_every_cell_has_a_page_and_a_diagram(name: str, tmp_path: Path) -> None:
    told = describe(name, ["cell.hidden_size=8", "stack.depth=2"], input_size=4)
    assert [path.name for path in write(told, tmp_path / name)] == [CELL_FILE, UNROLLED_FILE, PAGE_FILE]
    for picture in (CELL_FILE, UNROLLED_FILE):
        assert ET.parse(tmp_path / name / picture).getroot().tag.endswith("svg")
    words = Words((tmp_path / name / PAGE_FILE).read_text(encoding="utf-8"))
    assert words.tags.isdisjoint({"script", "link", "img", "iframe"})
    assert told.citation in words.text
    for equation in told.equations:
        assert equation.text in words.text


def test_the_one_object(cli: Callable[..., Any], tmp_path: Path) -> None:
    answer = cli("cells", "show", "lstm", "cell.hidden_size=16", "--input-size", "8", "--to", str(tmp_path), "--json")
    assert answer.exit_code == 0
    data = answer.data
    assert data["cell"] == "lstm" and data["class"] == "LSTM" and "Hochreiter" in data["citation"]
    assert data["equations"][0] == {
        "text": "i_t = sigmoid(W_i x_t + R_i h_(t-1) + b_i)",
        "latex": data["equations"][0]["latex"],
        "gloss": "input gate",
    }
    assert "\\sigma" in data["equations"][0]["latex"]
    assert data["parameters"] == {"count": 4 * 16 * (16 + 8 + 1), "formula": "4 H^2 + 4 H D + 4 H"}
    assert data["flops"]["total"] == data["flops"]["products"] + data["flops"]["elementwise"]
    assert data["memory_bytes"] == 4 * (7 * 16 + 8)
    assert data["state"] == {"names": ["h", "c"], "numbers": 32}
    assert {"native", "loop"} <= set(data["backends"])
    assert data["settings"][0] | {"meaning": ""} == {
        "name": "hidden_size",
        "value": 16,
        "default": 512,
        "choices": [],
        "meaning": "",
    }
    assert "forget_bias_1" in [recipe["name"] for recipe in data["recipes"]]
    assert [Path(file).name for file in data["files"]] == [CELL_FILE, UNROLLED_FILE, PAGE_FILE]


def test_the_experiment_is_drawn_without_its_data(
    cli: Callable[..., Any], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rnnlab.data.generated import Generated

    def refuse(*_: object) -> None:
        raise AssertionError("data was prepared")

    monkeypatch.setattr(Generated, "prepare", refuse)
    words = ("task=encoder_decoder", "data=reverse", "encoder=recurrent", "attention=dot")
    answer = cli("cells", "show", "lstm", *words, "--to", "shown", "--json")
    assert answer.exit_code == 0, answer.stderr
    assert answer.data["experiment"]["shape"] == "many to many, after"
    drawn = (workspace / "shown" / UNROLLED_FILE).read_text(encoding="utf-8")
    assert drawn.count('data-arrow="look"') == 3 * 3
    page = Words((workspace / "shown" / PAGE_FILE).read_text(encoding="utf-8"))
    assert "The experiment, unrolled: many to many, after" in page.text and "attention=dot" in page.text
    assert sorted(path.name for path in workspace.iterdir()) == ["shown"]


def test_an_encoder_that_is_missing_ends_in_one_line(cli: Callable[..., Any]) -> None:
    answer = cli("cells", "show", "lstm", "task=encoder_decoder", "data=reverse")
    assert answer.exit_code == 2 and "encoder=recurrent" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_what_people_read(cli: Callable[..., Any]) -> None:
    answer = cli("cells", "show", "gru", "cell.hidden_size=16")
    assert answer.exit_code == 0
    for words in ("Cho et al. 2014", "h_t = (1 - z_t) * n_t + z_t * h_(t-1)", r"\begin{aligned}", "FLOPs", "native"):
        assert words in answer.stdout


def test_a_recipe_is_shown_as_the_cell_that_it_sets_up(cli: Callable[..., Any]) -> None:
    answer = cli("cells", "show", "irnn", "--json")
    assert (answer.data["cell"], answer.data["component"]) == ("irnn", "elman")
    values = {row["name"]: row["value"] for row in answer.data["settings"]}
    assert values["nonlinearity"] == "relu"


def test_a_cell_of_ones_own_is_drawn_and_its_text_escaped(
    cli: Callable[..., Any], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((registry, "_added"), (registry, "_loaded"), (store, "_stored")):
        monkeypatch.setattr(module, name, getattr(module, name).copy())
    monkeypatch.setattr(sys, "path", [*sys.path])
    (workspace / "leaky_own.py").write_text(OWN_CELL)
    answer = cli("cells", "show", "leaky_own", "--plugins", "leaky_own", "--to", "shown", "--json")
    assert answer.exit_code == 0, answer.stderr
    assert answer.data["parameters"]["formula"] == "H^2 + H D + H"
    page = (workspace / "shown" / PAGE_FILE).read_text(encoding="utf-8")
    assert "<i>" not in page and "<Leaky>" not in page
    assert '"<Leaky> & simple"' in Words(page).text
    drawn = ET.parse(workspace / "shown" / CELL_FILE).getroot()
    looks = [path.get("class") for path in drawn.iter("{http://www.w3.org/2000/svg}path")]
    assert "edge elementwise lagged" in looks


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["lstn"], "did you mean 'lstm'?"),
        (["lstm", "cell.hiden_size=3"], "did you mean 'cell.hidden_size'?"),
        (["lstm", "--input-size", "0"], "--input-size = 0: it must be at least 1"),
        (["lstm", "cell.hidden_size=4", "--to", "a_file/below"], "--to a_file/below: no folder can be made there"),
    ],
)
def test_wrong_requests_end_in_one_line(words: list[str], said: str, cli: Callable[..., Any], workspace: Path) -> None:
    (workspace / "a_file").write_text("")
    answer = cli("cells", "show", *words)
    assert answer.exit_code == 2
    assert said in answer.stderr and len(answer.stderr.splitlines()) == 1


def test_the_stack_says_how_large_the_lowest_cell_is() -> None:
    assert describe("gru", ["stack.depth=2", "stack.hidden_sizes=[6,9]"]).cell.hidden_size == 6
    chosen = describe("gru", ["stack.parameters=5000"], input_size=8)
    assert abs(chosen.parameters - 5000) < 500


def test_prose_stands_before_and_after_the_equations() -> None:
    told = describe("lstm", ["cell.hidden_size=4"])
    assert told.citation.startswith("Hochreiter & Schmidhuber 1997") and "=" not in told.citation
    assert "No peepholes" in told.notes and "h_t =" not in told.notes


def test_the_same_cell_gives_the_same_page() -> None:
    first, second = (cell_page(describe("gru", ["cell.hidden_size=8"])) for _ in range(2))
    assert first == second
