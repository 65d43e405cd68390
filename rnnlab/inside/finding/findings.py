"""What was found: for each feature the best unit, how it does on text it was not chosen on, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnlab.inside.activations import Activations
from rnnlab.inside.finding.choosing import StrengthTable
from rnnlab.inside.finding.halves import Halves
from rnnlab.inside.finding.labelled import Labelled
from rnnlab.inside.units import UnitAddress
from rnnlab.statistics import Interval

VERDICTS = FOUND, WEAK, NO = ("found", "weak", "no")
MEDIUM = 0.3
"""A strength of medium size (Cohen 1988): an AUC of 0.65, or an R2 of 0.09."""


@dataclass(frozen=True, slots=True)
class Told:
    """How well one number for each character tells a feature, on the scoring half.

    score  AUC, or R2 for a number. f1: with the threshold that was best on the choosing half; None for a number
    """

    score: Interval
    f1: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One feature.

    share        of characters where it is true; None for a number
    unit, sign   the best unit, and 1 where it is high when the feature is, -1 where it is low
    strength     of that unit on the scoring half (see ``ranking``)
    best, probe  how the unit, and a linear probe on the whole state, tell the feature
    untrained    the score of the best unit of each untrained network, on a part of the text
    alike        the trained network's, by the same choice on the same part
    p_shift, p_untrained, q   p-values of the two nulls; the larger one adjusted for all features
    sure         whether q is at most the rate of false discoveries that was allowed
    """

    label: Labelled
    share: float | None
    unit: UnitAddress
    sign: int
    strength: float
    best: Told
    probe: Told
    untrained: Sequence[float]
    alike: float
    p_shift: float
    p_untrained: float
    q: float
    sure: bool

    @property
    def name(self) -> str:
        return self.label.name

    @property
    def verdict(self) -> str:
        """``found``; ``weak`` where it is sure that the unit tells something, but not much; or ``no``."""
        if not self.sure:
            return NO
        return FOUND if self.strength >= MEDIUM else WEAK

    @property
    def found(self) -> bool:
        return self.verdict == FOUND

    @property
    def measure(self) -> str:
        return "R2" if self.label.number else "AUC"

    def row(self) -> dict[str, Any]:
        """All of it as plain values, for tables and JSON."""
        best, probe = self.best, self.probe
        return {
            "feature": self.name, "about": self.label.about, "measure": self.measure, "share": self.share,
            "unit": str(self.unit), "sign": self.sign, "score": best.score.estimate, "low": best.score.low,
            "high": best.score.high, "f1": best.f1, "part_score": self.alike,
            "untrained_mean": float(np.mean(self.untrained)), "untrained_highest": max(self.untrained),
            "p_shift": self.p_shift, "p_untrained": self.p_untrained, "q": self.q, "verdict": self.verdict,
            "probe_score": probe.score.estimate, "probe_low": probe.score.low, "probe_high": probe.score.high,
            "probe_f1": probe.f1,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Discovery:
    """choosing, scoring: the strength of every unit on either half, by part, (F, H) in the order of ``labels``.

    findings      those that were found first, then the weak ones; the strongest of each first
    null_symbols  how much of the text untrained networks read
    """

    findings: Sequence[Finding]
    labels: Sequence[Labelled]
    choosing: StrengthTable
    scoring: StrengthTable
    halves: Halves
    activations: Activations
    null_symbols: int

    @property
    def found(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.found]

    def by_part(self, finding: Finding) -> Mapping[str, tuple[UnitAddress, float]]:
        """For each layer and name the unit that one half chooses there, and its strength on the other."""
        number = [label.name for label in self.labels].index(finding.name)
        best = {}
        for part, strengths_FH in self.choosing.items():
            unit = int(np.abs(strengths_FH[number]).argmax())
            sign = -1 if strengths_FH[number, unit] < 0 else 1
            strength = sign * float(self.scoring[part][number, unit])
            best[f"{part.layer}:{part.name}"] = UnitAddress(part.layer, part.name, unit), strength
        return best


def score_of(strength: float, number: bool) -> float:
    """A strength as people read it: the AUC, or the share of the variance (0 where it points the wrong way)."""
    return max(0.0, strength) ** 2 if number else (1 + strength) / 2
