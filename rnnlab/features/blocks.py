"""Blocks of code: inside the body of an if, a loop or a function, and inside the condition of an if."""

from __future__ import annotations

import numpy as np

from rnnlab.features.base import Source, feature
from rnnlab.features.braces import c_blocks
from rnnlab.features.indents import python_blocks
from rnnlab.features.languages import Language
from rnnlab.features.structure import Structure

CODE = (Language.python, Language.c)


@feature(languages=CODE)
def if_block(source: Source) -> np.ndarray:
    """inside the body of an if, elif or else

    Of Python, from the colon up to the next statement that is not deeper; of C, from the condition's closing
    parenthesis (or the word else) up to the end of the statement or the closing brace.
    """
    return inside(source, Structure.branch)


@feature(languages=CODE)
def loop_block(source: Source) -> np.ndarray:
    """inside the body of a for, a while or a do, or of a macro of C with for_each in its name"""
    return inside(source, Structure.loop)


@feature(languages=CODE)
def function_block(source: Source) -> np.ndarray:
    """inside the body of a function"""
    return inside(source, Structure.function)


@feature(languages=CODE)
def if_condition(source: Source) -> np.ndarray:
    """inside the condition of an if, up to before the colon or the closing parenthesis"""
    return inside(source, Structure.condition)


def inside(source: Source, structure: Structure) -> np.ndarray:
    """Where at least one block of a kind is open, bool (N,)."""
    blocks = python_blocks if source.language is Language.python else c_blocks
    return source.within((block.start, block.stop) for block in source.once(blocks) if block.structure is structure)
