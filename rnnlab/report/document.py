"""An HTML page that needs no network and no other file, and no script but what it names itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

from rnnlab.report.markup import Markup, element

PICTURE_STYLE, PAGE_STYLE = (Path(__file__).with_name(name) for name in ("picture.css", "page.css"))


def document(
    title: str,
    *content: str,
    styles: Sequence[Path] = (),
    rules: str = "",
    script: Path | None = None,
    pictures: bool = False,
) -> str:
    """A page of this content.

    styles: more files of rules than those that every page has. rules: more of them, computed. script: the one that
    runs when the content is there. pictures: whether the page holds images, inside itself.
    """
    style = "".join(path.read_text(encoding="utf-8") for path in (PICTURE_STYLE, PAGE_STYLE, *styles)) + rules
    code = script.read_text(encoding="utf-8") if script else ""
    running = [element("script", Markup(code))] if code else []
    body = element("body", element("main", *content), *running)
    head = _head(title, style, code, pictures)
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _head(title: str, style: str, code: str, pictures: bool) -> Markup:
    """Nothing may be loaded; the one style and the one script are named by their hashes, images are data."""
    images = " img-src data:;" if pictures else ""
    scripts = f" script-src {_digest(code)};" if code else ""
    policy = f"default-src 'none';{images}{scripts} style-src {_digest(style)}; base-uri 'none'; form-action 'none'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Markup(style)),
    )


def _digest(source: str) -> str:
    """How a policy names a style or script that stands in the page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"
