"""Blocks of C, which braces make, or a single statement.

A body without braces ends with its statement's semicolon. What is around an if may go on with an else: in
``for (;;) if (a) b; else c;`` the loop is not over at the first semicolon. So it lasts until the next token
tells, as blocks of Python do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from pygments.token import Comment, Keyword, Name, String

from rnnlab.features.base import Source
from rnnlab.features.brackets import forgets
from rnnlab.features.languages import Language
from rnnlab.features.lexing import Token
from rnnlab.features.structure import Block, Structure

HEADERS = {
    "if": Structure.branch,
    "for": Structure.loop,
    "while": Structure.loop,
    "switch": Structure.other,
}
BODIES = {"else": Structure.branch, "do": Structure.loop}
"""Words with a body, behind parentheses or at once."""
LOOP_MACRO = "for_each"
STATEMENT_ENDS = ("", ";", "{", "}", ":", ")")
"""What stands before a brace that begins a statement; behind all else it is a value or a type."""


class Header(NamedTuple):
    """A word with parentheses behind it, until these are closed. around: how many are open around them."""

    word: str
    structure: Structure
    around: int
    opened_at: int | None = None


class Outside(NamedTuple):
    """What a brace interrupts: in_value tells that a = or return of the statement has been read."""

    parentheses: int = 0
    header: Header | None = None
    in_value: bool = False


@dataclass(slots=True)
class Frame:
    """A body that is being read; outside: what is around its brace, None while it has none.

    word: what began it; "{" for braces of their own, "=" for those that stand within a statement.
    """

    word: str
    structure: Structure
    start: int
    outside: Outside | None = None


def c_blocks(source: Source) -> list[Block]:
    """All blocks and conditions, those that end first first."""
    reader = Reader()
    column_N = source.column_N
    for token in source.tokens:
        if token.kind not in Comment and not token.text.isspace():
            if forgets(token, int(column_N[token.start]), Language.c, True):
                reader.forget(token.start)
            reader.read(token)
    reader.finish(len(source))
    return reader.found


class Reader:
    """Follows headers, braces and statements token by token."""

    def __init__(self) -> None:
        self.found: list[Block] = []
        self.frames: list[Frame] = []
        self.now = Outside()
        self.before = ""  # the token before
        self.done = ""  # "if" or "do" where the token before ended the body of one
        self.begun = False  # whether a body begins with the next token

    def read(self, token: Token) -> None:
        """Take in one more token that is neither blank nor a comment."""
        text = "" if token.kind in String else token.text
        if self.done == "if" and text != "else":
            self.end_statement(token.start, others=True)
        done, self.done = self.done, ""
        begun, self.begun = self.begun, False
        if text in ("(", ")"):
            self.take_parenthesis(text, token.start)
        elif text == "{":
            self.open_brace(token.start, begun)
        elif text == "}":
            self.close_brace(token.start)
        elif self.now.parentheses == 0 and text in (";", "=", "return"):
            self.now = Outside(in_value=text != ";")
            if text == ";":
                self.end_statement(token.start)
        elif (token.kind in Keyword or token.kind in Name) and not (text == "while" and done == "do"):
            self.take_word(text, token.stop)
        self.before = text

    def take_word(self, word: str, stop: int) -> None:
        """A word that begins a header, or a body at once."""
        if word in BODIES:
            self.begin_body(word, BODIES[word], stop - 1)
        elif word in HEADERS:
            self.now = self.now._replace(header=Header(word, HEADERS[word], self.now.parentheses))
        elif LOOP_MACRO in word and self.within_braces():
            self.now = self.now._replace(header=Header(word, Structure.loop, self.now.parentheses))

    def take_parenthesis(self, sign: str, place: int) -> None:
        """Parentheses of a header are its condition; the one that closes it begins the body."""
        header, parentheses = self.now.header, max(0, self.now.parentheses + (1 if sign == "(" else -1))
        if header is not None and sign == "(" and header.opened_at is None:
            header = header._replace(opened_at=place)
        elif header is not None and header.opened_at is not None and parentheses == header.around:
            self.end_condition(header, place)
            self.begin_body(header.word, header.structure, place)
            header = None
        self.now = Outside(parentheses, header, self.now.in_value)

    def end_condition(self, header: Header | None, place: int) -> None:
        if header is not None and header.word == "if" and header.opened_at is not None:
            self.found.append(Block(Structure.condition, header.opened_at, place))

    def begin_body(self, word: str, structure: Structure, place: int) -> None:
        self.frames.append(Frame(word, structure, place))
        self.begun = True

    def open_brace(self, place: int, begun: bool) -> None:
        """The brace of the body that has just begun; else of a function, or of something else."""
        if not begun:
            statement = self.before in STATEMENT_ENDS and not self.now.parentheses and not self.now.in_value
            function = statement and self.before == ")" and not self.within_braces()
            structure = Structure.function if function else Structure.other
            self.frames.append(Frame("{" if statement else "=", structure, place))
        self.frames[-1].outside = self.now
        self.now = Outside()

    def within_braces(self) -> bool:
        return any(frame.outside is not None for frame in self.frames)

    def close_brace(self, place: int) -> None:
        """A brace ends all that stands in it, and its own statement if it is not a part of one."""
        while self.frames and self.frames[-1].outside is None:
            self.close(place)
        if not self.frames:
            self.now = Outside()
            return
        frame = self.frames[-1]
        assert frame.outside is not None
        self.now, frame.outside = frame.outside, None
        if frame.word == "=":
            self.close(place)
        else:
            self.end_statement(place)

    def end_statement(self, place: int, others: bool = False) -> None:
        """Close the bodies without open braces that end with a statement.

        What is around an if stays open, for an else may follow; ``others`` closes that too. What is around a do
        goes on with its while.
        """
        self.done = ""
        while self.frames and self.frames[-1].outside is None:
            word = self.close(place)
            if word == "do" or (word == "if" and not others):
                self.done = word
                break

    def close(self, place: int) -> str:
        """Close the innermost body, and give its word."""
        frame = self.frames.pop()
        self.found.append(Block(frame.structure, frame.start, place))
        return frame.word

    def finish(self, place: int) -> None:
        """The text ends: so does all that is open."""
        self.end_condition(self.now.header, place)
        self.forget(place)

    def forget(self, place: int) -> None:
        """Close all that is open: a brace in the first column stands outside of all blocks."""
        while self.frames:
            self.close(place)
        self.now, self.begun, self.done = Outside(), False, ""
