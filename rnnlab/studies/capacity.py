"""How many bits does a parameter of each cell store, and which cells diverge?"""

from __future__ import annotations

import math

from rnnlab.analysis.sweep_runs import SweepRun
from rnnlab.studies.base import Claim, Figure, Study
from rnnlab.studies.comparing import Measure, Question, compare
from rnnlab.studies.evidence import Evidence
from rnnlab.studies.shares import diverged_figure, has_diverged
from rnnlab.studies.stored_bits import bits_figure, bits_of
from rnnlab.studies.vanishing_gradient import pair

BITS = Measure("bits_per_parameter", "bits/parameter", ("stores more", "stores less"))
SHARE = Measure("diverged", "of runs", ("diverges more often", "diverges less often"), is_share=True)


class Capacity(Study):
    """Random labels learned by heart at equal numbers of parameters: Collins, Sohl-Dickstein & Sussillo 2017."""

    question = "What does a cell hold, and how often does it break?"

    def claims(self) -> list[Claim]:
        first, second = pair(self.evidence)
        stored = {option: best_bits(self.evidence, runs) for option, runs in self.evidence.options.items()}
        broken = {
            option: [float(answer) for run in runs if (answer := has_diverged(run)) is not None]
            for option, runs in self.evidence.options.items()
        }
        more = Question("bits", f"A parameter of {second} stores more bits than one of {first}.", True, second)
        fewer = Question("diverged", f"Runs of {second} diverge less often than those of {first}.", False, second)
        return [
            compare(stored, first, more, BITS, self.key),
            compare(broken, first, fewer, SHARE, self.key),
        ]

    def figures(self) -> list[Figure]:
        return [*bits_figure(self.evidence), *diverged_figure(self.evidence)]


def best_bits(evidence: Evidence, runs: list[SweepRun]) -> list[float]:
    """For each seed the most that any of its runs stored: too few labels fill no network, too many confuse it."""
    best: dict[str, float] = {}
    for run in runs:
        bits = bits_of(evidence, run)
        if bits is not None:
            seed = run.seed or ""
            best[seed] = max(bits, best.get(seed, -math.inf))
    return list(best.values())
