"""The diagram as SVG: it can be read as XML, holds what the wiring holds, and lets no text through unescaped."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable

import pytest

from rnnlab.config import registry
from rnnlab.describe.diagram import cell_diagram
from rnnlab.describe.lettering import pieces
from rnnlab.describe.shapes import arrow_tip, rounded
from rnnlab.describe.wiring import Link, Wiring

SVG = "{http://www.w3.org/2000/svg}"
every_cell = pytest.mark.parametrize("name", registry.names("cell"))


def classes(root: ET.Element, tag: str) -> Counter[str]:
    """How many elements of a tag have each class."""
    return Counter(word for found in root.iter(f"{SVG}{tag}") for word in found.get("class", "").split())


def connections(root: ET.Element) -> list[ET.Element]:
    return [found for found in root.iter(f"{SVG}g") if found.get("data-from") is not None]


@every_cell
def test_each_node_and_connection_is_drawn_once(name: str, wiring_of: Callable[[str], Wiring]) -> None:
    wiring = wiring_of(name)
    root = ET.fromstring(cell_diagram(wiring, name))
    drawn = [found for found in root.iter(f"{SVG}g") if found.get("data-kind") is not None]
    in_legend = [inner for key in root.iter(f"{SVG}g") if key.get("class") == "legend" for inner in key.iter(f"{SVG}g")]
    own = [found for found in drawn if found not in in_legend]
    assert [found.get("data-kind") for found in own] == [node.kind.value for node in wiring.nodes]
    assert [found.get("data-name") or "" for found in own] == [node.name for node in wiring.nodes]
    pairs = Counter((found.get("data-from"), found.get("data-to")) for found in connections(root))
    assert pairs == Counter((str(edge.source), str(edge.target)) for edge in wiring.edges)


@every_cell
def test_looks_say_how_a_connection_weighs(name: str, wiring_of: Callable[[str], Wiring]) -> None:
    wiring = wiring_of(name)
    root = ET.fromstring(cell_diagram(wiring, name))
    looks = Counter(tuple(found[0].get("class", "").split()) for found in connections(root))
    wanted = Counter(("edge", edge.link.value, *(["lagged"] if edge.lagged else [])) for edge in wiring.edges)
    assert looks == wanted


def test_gates_and_signs_of_the_lstm(wiring_of: Callable[[str], Wiring]) -> None:
    root = ET.fromstring(cell_diagram(wiring_of("lstm"), "lstm"))
    texts = ["".join(found.itertext()) for found in root.iter(f"{SVG}text")]
    assert texts.count("\u03c3") == 3 + 1, "three gates, and one in the legend"
    assert {"xt", "ht\u22121", "ct\u22121", "ft", "forget gate", "Wf", "Rf", "gate: sigmoid"} <= set(texts)
    assert classes(root, "rect")["gate"] == 3 + 1


def test_the_legend_has_what_occurs_and_nothing_else(wiring_of: Callable[[str], Wiring]) -> None:
    texts = {n: cell_diagram(wiring_of(n), n) for n in ("lstm", "peephole_lstm")}
    assert "weighted unit by unit" in texts["peephole_lstm"] and "weighted unit by unit" not in texts["lstm"]
    assert "ReLU" not in texts["lstm"]


def test_text_is_escaped(wired: Callable[..., Wiring]) -> None:
    wiring = wired('h_t = tanh(W x_t)    <b>&"x"</b>')
    drawn = cell_diagram(wiring, '"><script>')
    assert "<script>" not in drawn and "<b>" not in drawn
    root = ET.fromstring(drawn)
    assert root.get("aria-label") == '"><script>'
    assert any('<b>&"x"</b>' in (found.text or "") for found in root.iter(f"{SVG}title"))


def test_a_picture_alone_brings_its_style(wiring_of: Callable[[str], Wiring]) -> None:
    assert "prefers-color-scheme: dark" in cell_diagram(wiring_of("gru"), "gru")
    assert "<style" not in cell_diagram(wiring_of("gru"), "gru", alone=False)


def test_the_same_cell_is_the_same_text(wiring_of: Callable[[str], Wiring]) -> None:
    assert cell_diagram(wiring_of("gru"), "gru") == cell_diagram(wiring_of("gru"), "gru")


def test_names_are_set_with_subscripts_and_greek_letters() -> None:
    assert pieces("W_i") == [("W", "i")]
    assert pieces("h_(t-1)") == [("h", "t\u22121")]
    assert pieces("x_(T+1) x_(T+U)") == [("x", "T+1"), (" ", ""), ("x", "T+U")]
    assert pieces("alpha_x") == [("\u03b1", "x")]
    assert pieces("a_i_t") == [("a", "i,t")]
    assert pieces("U'") == [("U", ""), ("\u22a4", "")]
    assert pieces("lambda Gamma") == [("\u03bb", ""), (" ", ""), ("\u0393", "")]
    assert pieces("1\u2212") == [("1", ""), ("\u2212", "")]


def test_functions_and_powers_have_short_signs(wired: Callable[..., Wiring]) -> None:
    drawn = cell_diagram(wired("h_t = log_sigmoid(W x_t) ^ 2 * log_sigmoid(b)"), "")
    texts = ["".join(found.itertext()) for found in ET.fromstring(drawn).iter(f"{SVG}text")]
    assert {"log \u03c3", "( )\u00b2", "log \u03c3(b)"} <= set(texts)


def test_corners_are_rounded_and_ends_kept() -> None:
    path = rounded([(0.0, 0.0), (50.0, 0.0), (50.0, 40.0)])
    assert path == "M0.0,0.0L43.0,0.0Q50.0,0.0 50.0,7.0L50.0,40.0"
    assert rounded([(0.0, 0.0), (9.0, 0.0)]) == "M0.0,0.0L9.0,0.0"


def test_a_tip_points_along_its_line() -> None:
    assert 'd="M10.0,0.0L3.0,' in arrow_tip((0.0, 0.0), (10.0, 0.0), Link.plain)
