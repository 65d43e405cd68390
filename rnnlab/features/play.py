"""Plays: who speaks."""

from __future__ import annotations

import numpy as np

from rnnlab.features.base import Source, feature
from rnnlab.features.languages import SPEAKER, Language


@feature(languages=(Language.play,))
def speaker(source: Source) -> np.ndarray:
    """inside a speaker's name, up to before the colon

    The name stands on a line of its own behind a blank one; the colon at the line's end is looked ahead to.
    """
    return source.within(match.span() for match in SPEAKER.finditer(source.characters))
