"""An HTML page that needs no network, no script and no other file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

from rnnlab.report.markup import Markup, element

PICTURE_STYLE, PAGE_STYLE = (Path(__file__).with_name(name) for name in ("picture.css", "page.css"))


def document(title: str, *content: str, styles: Sequence[Path] = (), pictures: bool = False) -> str:
    """A page of this content.

    styles: more files of rules than those that every page has. pictures: whether it holds images, inside itself.
    """
    body = element("body", element("main", *content))
    return f"<!DOCTYPE html>\n{element('html', _head(title, styles, pictures), body, lang='en')}\n"


def _head(title: str, styles: Sequence[Path], pictures: bool) -> Markup:
    """Nothing may be loaded and no script run; the one style is named by its hash, and images are data of the page."""
    style = "".join(path.read_text(encoding="utf-8") for path in (PICTURE_STYLE, PAGE_STYLE, *styles))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    images = " img-src data:;" if pictures else ""
    policy = f"default-src 'none';{images} style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Markup(style)),
    )
