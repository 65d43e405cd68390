"""Comments of source code and markup."""

from __future__ import annotations

import re

import numpy as np
from pygments.token import Comment

from rnnlab.features.base import Source, feature
from rnnlab.features.languages import Language
from rnnlab.features.lexing import Token

LINE = (Comment.Single, Comment.Hashbang)
SIGNS = {"/*": "*/", "<!--": "-->"}
ESCAPED = re.compile(r"&lt;!--.*?(?:--&gt;|\Z)", re.DOTALL)


@feature(languages=(Language.python, Language.c, Language.xml))
def comments(source: Source) -> np.ndarray:
    """inside a comment, from the last character of its opening sign up to before that of its closing one

    In XML those of the text that it carries too (``&lt;!-- --&gt;``).
    """
    spans = [known_span(token) for token in source.tokens if token.kind in (*LINE, Comment.Multiline)]
    if source.language is Language.xml:
        spans += [
            (match.start() + len("&lt;!--") - 1, match.end() - match[0].endswith("--&gt;"))
            for match in ESCAPED.finditer(source.characters)
        ]
    return source.within(spans)


def known_span(token: Token) -> tuple[int, int]:
    """Where a reader knows that it is in the comment. One that began before the text has no opening sign."""
    if token.kind in LINE:
        return token.start + token.text.startswith("//"), token.stop
    opening = next((sign for sign in SIGNS if token.text.startswith(sign)), "")
    closing = SIGNS.get(opening, "*/")
    closed = token.text.endswith(closing) and len(token.text) >= len(opening) + len(closing)
    return token.start + max(0, len(opening) - 1), token.stop - closed
