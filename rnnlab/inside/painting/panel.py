"""Beside the painted text: what to show, all units at a glance, and what is under the pointer."""

from __future__ import annotations

from rnnlab.inside.painting.levels import Painting
from rnnlab.report.markup import Markup, element


def panel(painting: Painting, shown: int) -> Markup:
    """shown: how many units the page can paint."""
    return element("aside", _choice(painting, shown), _pointed_at(), _map())


def _choice(painting: Painting, shown: int) -> Markup:
    said = f"{shown:,} of {painting.units:,} units are on this page"
    if shown < painting.units:
        said += ", the most varying first; the others are in the overview"
    slider = element("input", id="unit", type="range", min=0)
    controls = [
        _labelled("layer", element("select", id="layer")),
        _labelled("part", element("select", id="part")),
        element("label", "unit ", element("output", id="unit-number"), slider),
        _switch("own-range", "stretch colours to this unit's range"),
        _switch("show-guesses", "five best guesses under each character", "g"),
    ]
    surprise = _switch("show-surprise", "surprise as a strip, two bits a step", "s")
    told = element("p", f"{said}. Each value is within 1/255 of half its scale.", class_="soft")
    without = element("noscript", element("p", "Choosing units needs a script; this text needs none.", class_="soft"))
    return element(
        "div", element("div", *controls, class_="live controls"), surprise, told, without, class_="card choice"
    )


def _labelled(name: str, control: Markup) -> Markup:
    return element("label", f"{name} ", control)


def _switch(id: str, about: str, key: str = "") -> Markup:
    keys = [" ", element("kbd", key)] if key else []
    return element("label", element("input", type="checkbox", id=id), f" {about}", *keys, class_="switch")


def _map() -> Markup:
    """Units from left to right, the text from top to bottom."""
    canvas = element("canvas", id="overview", aria_label="all units over the whole text")
    marks = [element("div", id=id) for id in ("here", "column")]
    about = "Each unit against its own mean, the text from top to bottom. Click for a unit and a place."
    return element(
        "div",
        element("h2", "All units"),
        element("p", about, class_="soft", id="overview-says"),
        element("div", canvas, *marks, class_="map"),
        class_="card live overview",
    )


def _pointed_at() -> Markup:
    point = "Point at a character to see its value, how surprising it was, and what the model expected in its place."
    keys = element("p", element("kbd", "\u2190"), " ", element("kbd", "\u2192"), " the unit before, the next one")
    return element("div", element("p", point, class_="soft"), keys, class_="card live pointed-at", id="pointed-at")
