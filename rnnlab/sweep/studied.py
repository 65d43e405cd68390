"""Whether a sweep can be that of a study: before anything starts."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.config import registry
from rnnlab.config.groups import STUDY
from rnnlab.errors import RequestError

FEWEST_SEEDS = 2
"""Runs are the units of a study, and one run alone has no interval."""


def check_study(study: str | None, seeds: Sequence[int]) -> None:
    """RequestError for an unknown study, or for one whose sweep has too few seeds for an interval."""
    if study is None:
        return
    known = registry.names(STUDY)
    if study not in known:
        raise RequestError(registry.unknown_option(STUDY, study, known))
    if len(seeds) < FEWEST_SEEDS:
        raise RequestError(
            f"seed={','.join(map(str, seeds))}: the study {study} tells means over seeds with their intervals, which"
            f" need {FEWEST_SEEDS} seeds at least, as seed=0,1; sweep.study=null runs the sweep without it"
        )
