"""What the character just read is."""

from __future__ import annotations

import numpy as np

from rnnlab.features.base import Source, feature


@feature
def capital(source: Source) -> np.ndarray:
    """the character just read is a capital letter"""
    return source.each(str.isupper)


@feature
def digit(source: Source) -> np.ndarray:
    """the character just read is a decimal digit"""
    return source.each(str.isdecimal)
