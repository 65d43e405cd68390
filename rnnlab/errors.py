"""The ways in which a command can end early, each said in one line.

``RequestError``: what was asked for is impossible; nothing was created (exit code 2).
``WorkError``: the request was fine, the work broke on the way (exit code 1).

``Interrupted``: it was asked to stop, and can be resumed (exit code 130).

All are caught in one place, ``cli.main``, which prints the line and sets the exit code.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class RequestError(ValueError):
    """The request is wrong. The message is one line: where, what was given, what is possible."""


class WorkError(RuntimeError):
    """The work failed (disk full, a damaged file, a run that diverged). The message is one line."""


def did_you_mean(given: str, options: Iterable[str]) -> str:
    """`` (did you mean 'x'?)`` for the nearest option, or an empty string where none is near."""
    near = difflib.get_close_matches(given, list(options), n=1, cutoff=0.6)
    return f" (did you mean '{near[0]}'?)" if near else ""


class Interrupted(RuntimeError):
    """The work was interrupted and can be resumed (exit code 130). The message says how."""
