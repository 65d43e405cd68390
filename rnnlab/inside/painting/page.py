"""The page of a painted text: one offline HTML file. Its text is painted without a script; the rest needs one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from rnnlab.inside.painting.excerpt import STYLE, rows, sign
from rnnlab.inside.painting.glyphs import glyph
from rnnlab.inside.painting.levels import Painting
from rnnlab.inside.painting.packing import bins_of, overview, packed, packed_units
from rnnlab.inside.painting.panel import panel
from rnnlab.inside.painting.shading import LEVELS, TOP, rules
from rnnlab.inside.units import UnitAddress
from rnnlab.report.document import document
from rnnlab.report.markup import Markup, element
from rnnlab.report.words import counted

PAGE_STYLE, SCRIPT = (Path(__file__).with_name(f"paint.{kind}") for kind in ("css", "js"))
SURPRISE_STEPS = 8
"""A surprise is kept in eighths of a bit, up to 31.875."""
STRIPS = 6
"""Heights of the strip that shows a surprise; each is two bits."""
SPARE = 100
"""Bytes that the number of units may take more than it does where there are none."""


def paint_page(painting: Painting, most_bytes: int) -> tuple[str, list[UnitAddress]]:
    """The page, and the units that it can show: as many as fit into ``most_bytes`` with all the rest."""
    content = [heading(painting), painted_text(painting), *kept_numbers(painting)]
    without_units = len(assembled(painting, content, {}).encode()) + SPARE
    units = packed_units(painting, most_bytes - without_units)
    return assembled(painting, content, units), list(units)


def assembled(painting: Painting, content: Sequence[Markup], units: Mapping[UnitAddress, str]) -> str:
    """The page of this content and these packed units."""
    heading, text, *kept = content
    beside = panel(painting, len(units))
    return document(
        f"{painting.chosen} of run {painting.subject.run_id}",
        element("div", element("div", heading, text, class_="reading"), beside, class_="studio"),
        *kept,
        *(kept_unit(painting, unit, letters) for unit, letters in units.items()),
        styles=[STYLE, PAGE_STYLE],
        rules=rules(),
        script=SCRIPT,
    )


def heading(painting: Painting) -> Markup:
    """What is seen: the unit, the run, the text, and how well the model knows it."""
    subject = painting.subject
    cells = list(subject.model.stack.layers())
    layers = f"cell={cells[0].config.name}, {counted(len(cells), 'layer')} of {counted(cells[0].hidden_size, 'unit')}"
    bits, right = painting.mean_bits, painting.first_guesses_right
    told = [
        ("run", subject.run_id, layers),
        ("text", f"{len(subject.text):,} symbols", "".join(map(glyph, subject.text.origin))),
        ("surprise", "none" if bits is None else f"{bits:.3f} bits", "each symbol, on average"),
        ("first guess", "none" if right is None else f"{right:.1%} right", "of what comes next"),
    ]
    numbers = [element("div", element("dt", a), element("dd", b, element("small", c))) for a, b, c in told]
    title = element("h1", "Unit ", element("span", str(painting.chosen), id="address"), f" of run {subject.run_id}")
    about = "Each character stands on the colour of what the unit is when it has been read: blue is low, red is high."
    return element("header", title, element("p", about, class_="soft"), element("dl", *numbers, class_="facts"))


def painted_text(painting: Painting) -> Markup:
    """The whole text, painted with the chosen unit; each symbol has its surprise as a class."""
    levels, heights = painting.levels(painting.chosen).tolist(), strips(surprise(painting)).tolist()
    looks = [f"v{level} s{height}" for level, height in zip(levels, heights, strict=True)]
    body = element("div", *rows(painting.subject.text.characters, looks, numbered=True), class_="painted", id="text")
    return element("div", legend(painting), body, class_="card")


def legend(painting: Painting) -> Markup:
    """The colours from one end of the scale to the other, with its ends."""
    scale = painting.scale(painting.chosen)
    swatches = [element("i", class_=f"v{level}") for level in range(0, LEVELS, 5)]
    ends = [element("span", f"{end:.4g}", id=id) for end, id in zip(scale, ("low", "high"), strict=True)]
    return element("div", ends[0], element("span", *swatches, class_="swatches"), ends[1], class_="key painted")


def kept_numbers(painting: Painting) -> list[Markup]:
    """What the script reads of every symbol, and the overviews of all parts."""
    assert painting.subject.spec.vocabulary <= 2**16, "ids are kept in 16 bits"
    bins = bins_of(painting)
    numbers = {
        "symbols": painting.subject.text.symbols_N.astype(np.uint16),
        "surprise": surprise(painting),
        "guesses": painting.guesses.symbols_NK.astype(np.uint16),
        "probabilities": np.rint(painting.guesses.probabilities_NK * TOP).astype(np.uint8),
    }
    for (layer, name), part in painting.parts.items():
        numbers[f"overview-{layer}:{name}"] = overview(part.levels_HN, bins)
    told = {
        "run": painting.subject.run_id,
        "chosen": str(painting.chosen),
        "signs": [sign(symbol) for symbol in painting.subject.spec.symbols],
        "parts": {f"{layer}:{name}": len(part.scales) for (layer, name), part in painting.parts.items()},
        "bins": bins,
        "guesses": painting.guesses.symbols_NK.shape[1],
    }
    facts = element("template", json.dumps(told), id="facts")
    return [facts, *(element("template", packed(array), id=id) for id, array in numbers.items())]


def kept_unit(painting: Painting, unit: UnitAddress, letters: str) -> Markup:
    low, high = painting.scale(unit)
    return element("template", letters, id=str(unit), data_low=repr(low), data_high=repr(high))


def surprise(painting: Painting) -> np.ndarray:
    """In eighths of a bit, uint8 (N,); 0 for the first symbol, which nothing comes before."""
    return np.rint(np.nan_to_num(painting.bits_N) * SURPRISE_STEPS).clip(0, TOP).astype(np.uint8)


def strips(surprise_N: np.ndarray) -> np.ndarray:
    """How high the strip under each symbol is: 0 to ``STRIPS``, (N,)."""
    return ((surprise_N.astype(int) + SURPRISE_STEPS) // (2 * SURPRISE_STEPS)).clip(max=STRIPS)
