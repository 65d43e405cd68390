"""A picture of pixels inside a page."""

from __future__ import annotations

import base64

from rnnlab.report.markup import Markup, element


def image(content: bytes, words: str, kind: str = "image/png") -> Markup:
    """The picture as data of the page itself; ``words`` for those who do not see it."""
    source = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    return element("div", element("img", src=source, alt=words, class_="figure"), class_="picture")
