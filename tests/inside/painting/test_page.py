"""The page of a painted text, read back without a browser: its values, its size, and what it must never hold."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import zlib
from html.parser import HTMLParser

import numpy as np
import pytest

from rnnlab.inside.painting.excerpt import sign
from rnnlab.inside.painting.levels import PaintedPart, Painting, paint
from rnnlab.inside.painting.page import SCRIPT, paint_page, strips, surprise
from rnnlab.inside.painting.shading import Scale
from rnnlab.inside.reading import Guesses, Part, read
from rnnlab.inside.units import UnitAddress
from tests.inside.made_up import EVIL, subject_of

PLENTY = 10_000_000


class Page(HTMLParser):
    """What a browser without scripts would have: (class, text) of each run, templates by id, all elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.runs: list[list[str]] = []
        self.starts: list[int] = []
        self.templates: dict[str, tuple[dict[str, str | None], str]] = {}
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self._inside = self._template = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.elements.append((tag, given))
        if given.get("class") == "row":
            self.starts.append(int(given["data-start"] or ""))
        self._inside = tag
        if tag == "template":
            self._template = str(given["id"])
            self.templates[self._template] = (given, "")
        if tag == "i" and self.starts:
            self.runs.append([given["class"] or "", ""])

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "i":
            self.runs[-1][1] += data
        if self._inside == "template":
            given, before = self.templates[self._template]
            self.templates[self._template] = (given, before + data)

    def numbers(self, id: str, kind: str = "<u1") -> np.ndarray:
        return np.frombuffer(zlib.decompress(base64.b64decode(self.templates[id][1])), dtype=kind)


@pytest.fixture(scope="module")
def painting() -> Painting:
    return paint(subject_of(EVIL * 4, "stack.depth=2"), UnitAddress(1, "c", 2))


@pytest.fixture(scope="module")
def page(painting: Painting) -> str:
    return paint_page(painting, PLENTY)[0]


def test_the_painted_value_is_the_stored_activation(painting: Painting, page: str) -> None:
    """In the static text for the chosen unit, and in the packed numbers for all: within 1/255 of half the scale."""
    found, subject = Page(page), painting.subject
    values = read(subject.model, subject.text.symbols_N, list(painting.parts)).values
    static = [int(look.split()[0][1:]) for look, text in found.runs for _ in text.replace("\u25cc", "")]
    for part, values_NH in values.items():
        for unit in range(values_NH.shape[1]):
            address = UnitAddress(*part, unit)
            given = found.templates[str(address)][0]
            low, high = float(given["data-low"] or ""), float(given["data-high"] or "")
            for levels in [found.numbers(str(address))] + [np.array(static)] * (address == painting.chosen):
                error = np.abs(low + levels / 255 * (high - low) - values_NH[:, unit]).max()
                assert error <= (high - low) / 2 / 255 + 1e-6


def test_the_text_is_there_without_a_script(painting: Painting, page: str) -> None:
    found = Page(page)
    assert "".join(text for _, text in found.runs) == "".join(map(sign, painting.subject.text.characters))
    heights = [int(look.split()[1][1:]) for look, text in found.runs for _ in text.replace("\u25cc", "")]
    bits = np.nan_to_num(painting.bits_N)
    assert all(abs(2 * height - bit) <= 1.1 or height == 6 < bit / 2 for height, bit in zip(heights, bits, strict=True))


def test_what_the_script_reads(painting: Painting, page: str) -> None:
    found, ids = Page(page), painting.subject.text.symbols_N
    np.testing.assert_array_equal(found.numbers("symbols", "<u2"), ids)
    np.testing.assert_array_equal(found.numbers("guesses", "<u2"), painting.guesses.symbols_NK.ravel())
    shares = found.numbers("probabilities") / 255
    np.testing.assert_allclose(shares, painting.guesses.probabilities_NK.ravel(), atol=1 / 509)
    np.testing.assert_allclose(found.numbers("surprise")[1:] / 8, painting.bits_N[1:], atol=1 / 15.9)
    told = json.loads(found.templates["facts"][1])
    assert told["signs"] == [sign(symbol) for symbol in painting.subject.spec.symbols]
    assert told["parts"]["1:c"] == 6 and told["chosen"] == "1:c:2" and told["run"] == "00c0ffee"
    assert found.starts[0] == 0 and found.starts[-1] < len(ids)


def test_a_text_stays_text(page: str) -> None:
    found = Page(page)
    (script,) = [given for name, given in found.elements if name == "script"]
    assert script == {}
    assert not {"img", "link", "iframe", "form", "object", "b"} & {name for name, _ in found.elements}
    assert not [key for _, given in found.elements for key in given if key.startswith("on") or key == "style"]
    assert page.count("<script") == page.count("</script") == 1 and page.count("<style") == 1
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", page)


def test_nothing_is_loaded_and_only_the_script_of_the_package_runs(page: str) -> None:
    (policy,) = [given["content"] or "" for name, given in Page(page).elements if given.get("http-equiv")]
    digest = base64.b64encode(hashlib.sha256(SCRIPT.read_bytes()).digest()).decode()
    assert f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'sha256-" in policy
    assert "unsafe" not in policy and "connect" not in policy
    assert not re.search(r"https?:|src=|url\(|@import|innerHTML|eval\(|fetch\(", page)


def test_a_thousand_units_over_20_000_symbols_stay_below_ten_megabytes(painting: Painting) -> None:
    """Levels by chance, which no packing makes smaller: the worst that can be."""
    N, H, text = 20_000, 1024, (EVIL * 200)[:20_000]
    generator = np.random.default_rng(0)
    subject = subject_of(text)
    guesses = Guesses(generator.integers(0, 50, (N, 5)), generator.random((N, 5), dtype=np.float32))
    levels_HN = generator.integers(0, 256, (H, N), dtype=np.uint8)
    parts = {Part(0, "h"): PaintedPart(levels_HN, [Scale(-1, 1)] * H)}
    bits_N = generator.random(N, dtype=np.float32) * 9
    large = Painting(subject, UnitAddress(0, "h", 17), parts, bits_N, guesses)
    page, units = paint_page(large, PLENTY)
    assert 9_900_000 < len(page.encode()) <= PLENTY
    assert units[0] == large.chosen and f"{len(units)} of 1,024 units are on this page" in page
    found = Page(page)
    assert set(map(str, units)) == {id for id in found.templates if id[0].isdigit()}
    assert len(found.numbers("overview-0:h")) == 256 * H


def test_surprise_in_steps(painting: Painting) -> None:
    bits = np.array([np.nan, 0.0, 0.9, 1.0, 2.9, 3.1, 40.0], dtype=np.float32)
    eighths = surprise(dataclasses.replace(painting, bits_N=bits))
    assert eighths.tolist() == [0, 0, 7, 8, 23, 25, 255]
    assert strips(eighths).tolist() == [0, 0, 0, 1, 1, 2, 6]


def test_one_symbol_has_a_page(painting: Painting) -> None:
    page, units = paint_page(paint(subject_of("<")), PLENTY)
    assert "&lt;" in page and len(units) == 36
