"""A framed part of the page: a title, a caption, a picture or a table."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.report.markup import Markup, element

Legend = Sequence[tuple[str, str]]
"""Names with their colours."""


def figure_card(title: str, caption: str, content: str, *, legend: Legend = ()) -> Markup:
    """A picture or table under a title; or, where ``content`` is plain text, the sentence why there is none."""
    if not isinstance(content, Markup):
        return element("div", element("h2", title), element("p", content, class_="soft"), class_="card")
    keys = [
        element("li", element("svg", element("circle", cx=6, cy=6, r=5, fill=colour), width=12, height=12), name)
        for name, colour in legend
    ]
    if content.startswith("<svg"):
        content = element("div", content, class_="picture")
    named = [element("ul", *keys, class_="legend")] if keys else []
    return element("div", element("h2", title), element("p", caption, class_="soft"), *named, content, class_="card")
