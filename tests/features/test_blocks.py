"""Blocks: of Python against its own parser, of C against programs whose structure is known as they are written."""

from __future__ import annotations

import ast
import tokenize

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.features.base import Source
from rnnlab.features.languages import Language
from tests.features.library import NAMES, known, line_starts, marked, module, python_tokens
from tests.features.programs import Program, programs

BLOCKS = ("if_block", "loop_block", "function_block", "if_condition")
BORDERS = frozenset("():;@,")
"""Signs that stand between a block's header and its body, or around a condition: the parser gives them to neither."""


class Parsed:
    """Where Python's parser sees blocks, for each feature."""

    def __init__(self, characters: str) -> None:
        self.characters = characters
        self.starts = line_starts(characters)
        self.lines = characters.split("\n")
        self.labels = {name: np.zeros(len(characters), dtype=bool) for name in BLOCKS}
        for node in ast.walk(ast.parse(characters)):
            self.mark(node)

    def place(self, line: int, column: int) -> int:
        """The parser counts the bytes of a line."""
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def mark(self, node: ast.AST) -> None:
        if isinstance(node, ast.If):
            self.mark_body("if_block", node.body)
            if not self.is_elif(node.orelse):
                self.mark_body("if_block", node.orelse)
            self.mark_nodes("if_condition", node.test, node.test)
        elif isinstance(node, ast.For | ast.While | ast.AsyncFor):
            self.mark_body("loop_block", node.body)
            self.mark_body("loop_block", node.orelse)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self.mark_body("function_block", node.body)

    def is_elif(self, body: list[ast.stmt]) -> bool:
        first = body[0] if len(body) == 1 else None
        return isinstance(first, ast.If) and self.characters.startswith(
            "elif", self.place(first.lineno, first.col_offset)
        )

    def mark_body(self, name: str, body: list[ast.stmt]) -> None:
        if body:
            decorators = getattr(body[0], "decorator_list", [])
            self.mark_nodes(name, (decorators or body)[0], body[-1])

    def mark_nodes(self, name: str, first: ast.expr | ast.stmt, last: ast.expr | ast.stmt) -> None:
        assert last.end_lineno is not None and last.end_col_offset is not None
        start = self.place(first.lineno, first.col_offset)
        self.labels[name][start : self.place(last.end_lineno, last.end_col_offset)] = True


def inner_characters(characters: str) -> np.ndarray:
    """Where words and operators are, without blanks, comments and ``BORDERS``, bool (N,)."""
    inner_N = np.zeros(len(characters), dtype=bool)
    for kind, start, stop, text in python_tokens(characters):
        if kind in (tokenize.NAME, tokenize.NUMBER, tokenize.STRING, tokenize.OP) and text not in BORDERS:
            inner_N[start:stop] = True
    return inner_N


@pytest.mark.parametrize("name", NAMES)
def test_blocks_of_python_are_those_of_its_parser(name: str) -> None:
    source = module(name)
    parsed, inner_N = Parsed(source.characters), inner_characters(source.characters)
    for feature in BLOCKS:
        found_N = known()[feature].of(source)
        assert found_N.any()
        np.testing.assert_array_equal(found_N[inner_N], parsed.labels[feature][inner_N], err_msg=feature)


@pytest.mark.parametrize(
    ("feature", "characters", "expected"),
    [
        ("if_block", "if a: b\nc", "....^^^^."),
        ("if_block", "if a:\n  b\n\n# c\nd", "....^^^^^^^^^^^."),
        ("if_block", "for a in b:\n  c\nelse:\n  d\ne", "............................."),
        ("loop_block", "for a in b:\n  c\nelse:\n  d\ne", "..........^^^^^^....^^^^^^."),
        ("if_block", "x = [a if b\n     else c]", "......................."),
        ("if_block", "if (lambda: a)[b:c]:\n d", "...................^^^^"),
        ("function_block", "async def a():\n b\nc", ".............^^^^^."),
        ("if_condition", "if a or b: c", "..^^^^^^^..."),
        ("if_condition", "if a", "..^^"),
        ("if_block", "  b\n if a:\n  c", ".........^^^^^"),
    ],
)
def test_blocks_of_python_by_hand(feature: str, characters: str, expected: str) -> None:
    assert marked(feature, characters, Language.python).rstrip(".") == expected.rstrip(".")


@given(programs())
def test_blocks_of_c_are_those_that_were_written(program: Program) -> None:
    source = Source(program.characters, Language.c)
    for feature in BLOCKS:
        assert known()[feature].of(source).tolist() == program.labels(feature), feature


@given(programs(), st.integers(1, 200))
def test_a_function_of_c_is_read_alike_behind_what_breaks_off(program: Program, cut: int) -> None:
    """The closing brace in the first column ends whatever was open."""
    before = program.characters[cut:] if cut < len(program.characters) else "}\n"
    source = Source(before + program.characters, Language.c)
    for feature in BLOCKS:
        assert known()[feature].of(source)[len(before) :].tolist() == program.labels(feature), feature


@pytest.mark.parametrize(
    ("feature", "characters", "expected"),
    [
        ("loop_block", "{ list_for_each_entry(a, b, c) { d; } e; }", ".............................^^^^^^^......"),
        ("loop_block", "void for_each(int a);", ""),
        ("function_block", "SYSCALL(a, b)\n{\n\tc;\n}\nint d;", "..............^^^^^^"),
        ("function_block", "struct a b = {\n\t.c = (d){ 1 },\n};", ""),
        ("if_block", "{ if (a) b = ({ c; d; }) + e; f; }", ".......^^^^^^^^^^^^^^^^^^^^^"),
        ("if_condition", "if (a && (b", "...^^^^^^^^"),
    ],
)
def test_blocks_of_c_by_hand(feature: str, characters: str, expected: str) -> None:
    assert marked(feature, characters, Language.c).rstrip(".") == expected.rstrip(".")
