"""From a sweep's ``sweep.study`` to the study, and to what it says of the sweep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.config import registry
from rnnlab.config.groups import STUDY
from rnnlab.studies.base import Claim, Figure, Study
from rnnlab.studies.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Examined:
    """A sweep as its study sees it. missing: what is not there yet, and what could not be read."""

    study: str
    question: str
    claims: tuple[Claim, ...]
    figures: tuple[Figure, ...]
    missing: tuple[str, ...]

    def lines(self) -> list[str]:
        """Each claim with its verdict, and what is missing, for a terminal."""
        said = [f"{claim.text} {claim.verdict.value.upper()}: {claim.answer} {claim.missing}" for claim in self.claims]
        return [*(line.rstrip() for line in said), *self.missing]

    def plain(self) -> dict[str, Any]:
        """Claims and verdicts for JSON."""
        claims = [claim.plain() for claim in self.claims]
        figures = [figure.name for figure in self.figures]
        return {"study": self.study, "claims": claims, "figures": figures, "missing": list(self.missing)}


def find_study(name: str) -> type[Study]:
    """The class of a study. RequestError for an unknown name."""
    study: type[Study] = registry.component(STUDY, name)
    return study


def examine(sweep: SweepRecord) -> Examined | None:
    """What the sweep's study says of it; None where it has none. RequestError where there is no such study."""
    if sweep.study is None:
        return None
    study = find_study(sweep.study)
    evidence = Evidence(sweep, study.key)
    asked = study(evidence)
    claims, figures = tuple(asked.claims()), tuple(asked.figures())
    missing = (*evidence.missing(study.tables), *(f"Left out: {line}" for line in dict.fromkeys(evidence.troubles)))
    return Examined(sweep.study, study.question, claims, figures, missing)
