"""Which language a text is in, and so which lexer reads it."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import PurePath

from rnnlab.errors import RequestError, did_you_mean


class Language(str, Enum):
    """How a text is read: as source code, as markup, as a play with speakers, or as any text."""

    python = "python"
    c = "c"
    xml = "xml"
    play = "play"
    text = "text"


DATASETS = {
    "python_source": Language.python,
    "linux": Language.c,
    "enwik8": Language.xml,
    "tinyshakespeare": Language.play,
}
SUFFIXES = {
    **dict.fromkeys((".py", ".pyi"), Language.python),
    **dict.fromkeys((".c", ".h", ".cc", ".cpp", ".hpp"), Language.c),
    **dict.fromkeys((".xml", ".svg", ".xhtml"), Language.xml),
}

HEAD = 20_000  # characters that are looked at where nothing says which language it is
ENOUGH = 0.1  # of the lines that are not blank

SPEAKER = re.compile(r"(?<=\n\n)[A-Z][^\n:]{0,39}(?=:\n)")
"""A name as plays have it: on a line of its own behind a blank line, with a colon behind it."""

TELLS = {
    Language.python: re.compile(
        r"^[ \t]*(?:(?:(?:async )?def \w+\(|class \w+|if |elif |else|for \w|while |try|except|with ).*:"
        r"|from [\w.]+ import .*|import \w[\w., ]*|return\b[^;\n]*|self\.\w[^;\n]*|@\w[^;\n]*)[ \t]*$",
        re.MULTILINE,
    ),
    Language.c: re.compile(r"^.*[;{}][ \t]*$|^[ \t]*#[ \t]*(?:include|define|if|ifdef|endif)\b.*$", re.MULTILINE),
    Language.xml: re.compile(r"^[ \t]*</?[A-Za-z][^<>\n]*>.*$", re.MULTILINE),
    Language.play: SPEAKER,
}
"""What one line of a language looks like, and of no other."""


def language_of(kind: str, characters: str, asked: str | None = None) -> Language:
    """The language that was asked for, else that of a dataset or of a file's suffix, else the likeliest.

    ``kind`` is the name of a dataset or of a file (``rnnlab.inside.text.Text.kind``). RequestError for a
    language that is none.
    """
    if asked is not None:
        possible = [language.value for language in Language]
        if asked not in possible:
            raise RequestError(
                f"--language {asked}: no such language; there are {', '.join(possible)}{did_you_mean(asked, possible)}"
            )
        return Language(asked)
    known = DATASETS.get(kind) or SUFFIXES.get(PurePath(kind).suffix.lower())
    return known or likeliest(characters)


def likeliest(characters: str) -> Language:
    """The language whose lines are the most, at least a tenth of those that are not blank; else ``text``."""
    head = characters[:HEAD]
    lines = sum(1 for line in head.split("\n") if line.strip())
    votes = {language: sum(1 for _ in tell.finditer(head)) for language, tell in TELLS.items()}
    most = max(votes, key=votes.__getitem__)
    return most if votes[most] >= max(2, ENOUGH * lines) else Language.text
