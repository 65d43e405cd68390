"""HTML and SVG elements as text. Whatever is not ``Markup`` already is escaped, here and nowhere else."""

from __future__ import annotations

from html import escape

_EMPTY = frozenset({"meta", "br", "line", "circle", "rect", "path", "polyline", "img"})


class Markup(str):
    """Text that is safe to stand in a page: made by ``element`` or ``join`` only."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: str | float | None) -> Markup:
    """``element("p", "a < b", class_="note")`` is ``<p class="note">a &lt; b</p>``.

    Underscores of attribute names become hyphens, one at the end falls away; None leaves one out.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_text(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _EMPTY and not children:
        return Markup(f"<{name}{given}>" if name in ("meta", "br", "img") else f"<{name}{given}/>")
    return Markup(f"<{name}{given}>{join(children)}</{name}>")


def join(children: tuple[str, ...] | list[str]) -> Markup:
    """The children one after the other."""
    return Markup("".join(child if isinstance(child, Markup) else escape(child) for child in children))


def _text(value: str | float) -> str:
    """Coordinates need no more than a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
