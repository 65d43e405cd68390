"""The studies by name, read from their files as the options of a group are: nothing is imported."""

from __future__ import annotations

from rnnlab.config.groups import Group
from rnnlab.config.source import options
from rnnlab.errors import RequestError, did_you_mean

STUDIES = Group("study", "rnnlab.studies.base:Study", "rnnlab.studies")


def study_names() -> list[str]:
    """All studies, in alphabetical order."""
    return list(options(STUDIES))


def study_module(name: str) -> str:
    """The module that holds a study. RequestError for an unknown name."""
    known = options(STUDIES)
    if name not in known:
        raise RequestError(
            f"sweep.study={name}: no such study; there are {', '.join(known)}{did_you_mean(name, known)}"
        )
    return known[name].written.module
