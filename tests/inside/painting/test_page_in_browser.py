"""The page of a painted text in headless Chromium: it paints what was stored, and a text of traps does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rnnlab.inside.painting.levels import Painting, paint
from rnnlab.inside.painting.page import paint_page
from rnnlab.inside.painting.shading import Ground, colours
from rnnlab.inside.reading import read
from rnnlab.inside.units import UnitAddress
from tests.inside.browser import Browser
from tests.inside.made_up import EVIL, subject_of

pytestmark = pytest.mark.browser

READY = "document.querySelector('[data-painted]') !== null"
LEVELS = """(() => {
  window.dispatchEvent(new Event("beforeprint"));
  return [...document.querySelectorAll("#text i")].map((sign) => Number(sign.className.match(/v(\\d+)/)[1]));
})()"""


@pytest.fixture(scope="module")
def painting() -> Painting:
    return paint(subject_of(EVIL * 40, "stack.depth=2"), UnitAddress(1, "c", 2))


@pytest.fixture(scope="module")
def file(painting: Painting, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "paint.html"
    path.write_text(paint_page(painting, 10_000_000)[0], encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser, file: Path) -> Iterator[Browser]:
    """The page is open; at the end nothing was asked for but the page, and there was no complaint."""
    chromium.show()
    chromium.open(file.as_uri())
    chromium.wait_for(READY)
    yield chromium
    assert chromium.complaints == []
    assert chromium.requests == [file.as_uri()]


def painted(browser: Browser, unit: str) -> None:
    browser.wait_for(f"byId('address').textContent === '{unit}'")


def test_traps_in_the_text_do_nothing(browser: Browser, painting: Painting) -> None:
    assert browser.evaluate("window.struck") is None
    assert browser.evaluate("document.images.length + document.scripts.length") == 1
    assert browser.evaluate("document.title") == "1:c:2 of run 00c0ffee"
    browser.press("g")
    browser.wait_for("document.querySelector('.guessed b') !== null")
    assert browser.evaluate("window.struck") is None


def test_every_unit_is_painted_as_it_was_stored(browser: Browser, painting: Painting) -> None:
    subject = painting.subject
    values = read(subject.model, subject.text.symbols_N, list(painting.parts)).values
    shown = UnitAddress(1, "c", 2)
    for key, unit in [("", 2), ("ArrowRight", 3), ("ArrowRight", 4), ("ArrowLeft", 3)]:
        if key:
            browser.press(key)
        shown = UnitAddress(1, "c", unit)
        painted(browser, str(shown))
        low, high = painting.scale(shown)
        error = low + np.array(browser.evaluate(LEVELS)) / 255 * (high - low) - values[shown.part][:, unit]
        assert np.abs(error).max() <= (high - low) / 2 / 255 + 1e-6
    assert browser.evaluate("location.hash") == f"#{shown}" == f"#{browser.evaluate('byId(`address`).textContent')}"


def test_layer_part_and_slider_choose(browser: Browser, painting: Painting) -> None:
    def change(control: str, value: str, event: str) -> None:
        browser.evaluate(f"byId('{control}').value = '{value}'; byId('{control}').dispatchEvent(new Event('{event}'))")

    change("layer", "0", "change")
    painted(browser, "0:c:2")
    change("part", "f", "change")
    painted(browser, "0:f:2")
    change("unit", "5", "input")
    painted(browser, "0:f:5")
    assert browser.evaluate(LEVELS) == painting.levels(UnitAddress(0, "f", 5)).tolist()
    assert browser.evaluate("[byId('low').textContent, byId('high').textContent]") == ["0.00", "1.00"]
    browser.press("ArrowRight")
    painted(browser, "0:f:0")


def test_colours_stretch_to_the_range_of_the_unit(browser: Browser, painting: Painting) -> None:
    levels = painting.levels(painting.chosen).astype(float)
    browser.evaluate("byId('own-range').click()")
    wanted = 127.5 + (levels - 127.5) * 127.5 / np.abs(levels - 127.5).max()
    np.testing.assert_allclose(browser.evaluate(LEVELS), wanted, atol=0.5001)


def test_guesses_are_under_their_characters(browser: Browser, painting: Painting) -> None:
    signs = browser.evaluate("facts.signs.map(visibleSign)")
    browser.press("g")
    browser.wait_for("document.querySelector('.guessed b') !== null")
    columns = "[...rows[0].children].map((column) => [...column.children].map((e) => [e.textContent, e.className]))"
    shown = browser.evaluate(columns)
    ids, guesses = painting.subject.text.symbols_N, painting.guesses
    for n, (_, *under) in enumerate(shown):
        assert [sign for sign, _ in under] == [signs[guess] for guess in guesses.symbols_NK[n]]
        shades = [int(look.split()[0][1:]) for _, look in under]
        np.testing.assert_allclose(shades, 10 * guesses.probabilities_NK[n], atol=0.53)
        came = [look.endswith(" came") for _, look in under]
        assert came == [guess == ids[n + 1] for guess in guesses.symbols_NK[n]]
    browser.press("g")
    browser.wait_for("document.querySelector('.guessed') === null")


def test_a_click_in_the_overview_chooses_unit_and_place(browser: Browser, painting: Painting) -> None:
    box = "(({left, top, width, height}) => [left, top, width, height])(byId('overview').getBoundingClientRect())"
    left, top, width, height = browser.evaluate(box)
    browser.click(left + width * 4.5 / 6, top + height * 0.7)
    painted(browser, "1:c:4")
    place = int(0.7 * len(painting.subject.text))
    browser.wait_for("scrollY > 0")
    row = browser.evaluate(f"(({{top, bottom}}) => [top, bottom])(rows[rowOf({place})].getBoundingClientRect())")
    assert 0 <= row[0] < row[1] <= 900
    seen = browser.evaluate("[byId('here'), byId('column')].map((mark) => [mark.style.top, mark.style.left])")
    assert 40 < float(seen[0][0].rstrip("%")) < 70 and float(seen[1][1].rstrip("%")) == pytest.approx(100 * 4 / 6, 1e-3)


def test_the_overview_shows_every_unit(browser: Browser, painting: Painting) -> None:
    size = browser.evaluate("[byId('overview').width, byId('overview').height]")
    assert size == [6, 256]
    drawn = browser.evaluate("[...byId('overview').getContext('2d').getImageData(0, 0, 6, 256).data]")
    known = {tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5)) for colour in colours(Ground.light)}
    pixels = {tuple(drawn[at : at + 3]) for at in range(0, len(drawn), 4)}
    assert pixels <= known and len(pixels) > 50


def test_what_is_under_the_pointer_is_told(browser: Browser, painting: Painting) -> None:
    browser.evaluate("rows[0].children[8].dispatchEvent(new Event('pointerover', {bubbles: true}))")
    said = browser.evaluate("byId('pointed-at').innerText")
    assert f"1:c:2 is {painting.values(painting.chosen)[8]:.3f}" in said
    assert f"{np.rint(painting.bits_N[8] * 8) / 8:.1f} bits" in said
    assert said.count("%") == 5


def test_surprise_needs_no_script(browser: Browser) -> None:
    browser.show(scripts=False)
    browser.tell("Page.reload")
    shadow = "getComputedStyle(document.querySelector('.s2, .s3, .s4')).boxShadow"
    browser.wait_for("document.readyState === 'complete' && document.querySelector('.row') !== null")
    assert not browser.evaluate(READY) and browser.evaluate(shadow) == "none"
    browser.evaluate("document.getElementById('show-surprise').click()")
    assert "px" in browser.evaluate(shadow)
    browser.requests.pop()


def test_a_unit_that_is_too_much_for_the_page_is_said(painting: Painting, chromium: Browser, tmp_path: Path) -> None:
    small = tmp_path / "small.html"
    small.write_text(paint_page(painting, 0)[0], encoding="utf-8")
    chromium.show()
    chromium.open(small.as_uri())
    chromium.wait_for(READY)
    chromium.evaluate("choose('1:c:4')")
    assert "rnnlab paint 00c0ffee --cell 1:c:4" in chromium.evaluate("byId('overview-says').textContent")
    assert chromium.evaluate("byId('address').textContent") == "1:c:2"
    assert "1 of 72 units are on this page" in chromium.evaluate("document.querySelector('.choice').textContent")
    assert chromium.complaints == []


@pytest.mark.parametrize("ground", Ground)
def test_colours_follow_the_ground(ground: Ground, browser: Browser) -> None:
    browser.show(dark=ground is Ground.dark)
    drawn = browser.evaluate("palette().map((colour) => colour.map((c) => c.toString(16).padStart(2, 0)).join(``))")
    assert [f"#{colour}" for colour in drawn] == colours(ground)


def test_an_address_may_name_a_unit(chromium: Browser, file: Path) -> None:
    for named, shown in (("0:h:4", "0:h:4"), ("0:h:9", "1:c:2"), ("text", "1:c:2"), ("%3Cb%3E", "1:c:2")):
        chromium.show()
        chromium.open("about:blank")
        chromium.open(f"{file.as_uri()}#{named}")
        chromium.wait_for(READY)
        painted(chromium, shown)
