"""What blocks of code there are, in any language that has them."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Structure(str, Enum):
    """branch: the body of an if or else. condition: what an if asks. other: a block that nobody asks for."""

    branch = "branch"
    loop = "loop"
    function = "function"
    condition = "condition"
    other = "other"


class Block(NamedTuple):
    """A stretch of code that a structure holds, from ``start`` to before ``stop``."""

    structure: Structure
    start: int
    stop: int
