"""Blocks of Python, which indentation makes.

A block begins at the colon of its header, and ends with the first statement that is not deeper than the
header: blank lines and comments in between belong to it, for nobody can know before.
"""

from __future__ import annotations

from typing import NamedTuple

from pygments.token import Comment, Keyword, String

from rnnlab.features.base import Source
from rnnlab.features.brackets import BRACKETS, forgets
from rnnlab.features.languages import Language
from rnnlab.features.lexing import Token
from rnnlab.features.structure import Block, Structure

STRUCTURES = {
    "if": Structure.branch,
    "elif": Structure.branch,
    "for": Structure.loop,
    "while": Structure.loop,
    "def": Structure.function,
    **dict.fromkeys(("class", "with", "try", "except", "finally", "match", "case"), Structure.other),
}
"""What begins with a word; an else goes on with what it belongs to."""


class Header(NamedTuple):
    """A statement that opens a block, as far as it has been read."""

    word: str
    structure: Structure
    indent: int
    stop: int  # behind its word


class Open(NamedTuple):
    structure: Structure
    indent: int
    start: int


def python_blocks(source: Source) -> list[Block]:
    """All blocks and conditions, those that end first first."""
    reader = Reader(source)
    for token in source.tokens:
        reader.read(token)
    reader.finish()
    return reader.found


class Reader:
    """Follows statements, brackets and indentation token by token."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: list[Block] = []
        self.open: list[Open] = []
        self.header: Header | None = None
        self.brackets = 0
        self.lambdas = 0  # those of the header whose colon is still to come
        self.first_of_line = True
        self.statement_begins = True

    def read(self, token: Token) -> None:
        """Take in one more token."""
        if token.kind in Comment:
            return
        if token.text.isspace() and token.kind not in String:
            self.end_line(token)
            return
        if token.text == "\\\n":  # the statement goes on
            return
        if self.first_of_line and forgets(token, 0, Language.python, True):
            self.brackets, self.statement_begins = 0, True
        if self.statement_begins:
            self.begin_statement(token)
        elif self.header is not None and token.kind not in String:
            self.go_on_with_header(token, self.header)
        if token.kind not in String and token.text in BRACKETS:
            self.brackets = max(0, self.brackets + (1 if token.text in "([{" else -1))
        self.first_of_line = False

    def end_line(self, blank: Token) -> None:
        """Outside brackets a newline ends the statement, and a header that has had no colon is none."""
        if "\n" not in blank.text:
            return
        self.first_of_line = True
        if self.brackets == 0:
            self.statement_begins, self.header = True, None

    def begin_statement(self, token: Token) -> None:
        """Close the blocks that are not above this statement, and see whether it opens one."""
        indent = self.indent_of(token)
        closed = [block for block in self.open if block.indent >= indent]
        self.close(len(closed), token.start)
        word = token.text.removeprefix("async ")
        self.statement_begins = word == "async"  # what it is says the next word
        structure = STRUCTURES.get(word)
        if word == "else":
            structure = next((block.structure for block in closed if block.indent == indent), Structure.other)
        if structure is not None and token.kind in Keyword:
            self.header, self.lambdas = Header(word, structure, indent, token.stop), 0

    def go_on_with_header(self, token: Token, header: Header) -> None:
        """Find the colon that ends a header: not one of a lambda, nor one in brackets."""
        if self.brackets:
            return
        if token.text == "lambda":
            self.lambdas += 1
        elif token.text == ":":
            if self.lambdas:
                self.lambdas -= 1
                return
            if header.word in ("if", "elif"):
                self.found.append(Block(Structure.condition, header.stop, token.start))
            self.open.append(Open(header.structure, header.indent, token.start))
            self.header = None

    def finish(self) -> None:
        """The text ends: so does all that is open."""
        if self.header is not None and self.header.word in ("if", "elif"):
            self.found.append(Block(Structure.condition, self.header.stop, len(self.source)))
        self.close(len(self.open), len(self.source))

    def close(self, count: int, stop: int) -> None:
        """Close the innermost blocks."""
        for _ in range(count):
            block = self.open.pop()
            self.found.append(Block(block.structure, block.start, stop))

    def indent_of(self, token: Token) -> int:
        """Columns of white space before a line's first token; of a token further on, that of its line."""
        start = token.start - int(self.source.column_N[token.start])
        line = self.source.characters[start : token.start].expandtabs(8)
        return len(line) - len(line.lstrip(" "))
