"""Does the gradient of the vanilla RNN die sooner than that of the LSTM, and does memory go with it?"""

from __future__ import annotations

import math

from rnnlab.analysis.contrasts import LEVEL, clustered_correlation
from rnnlab.analysis.sweep_runs import SweepRun
from rnnlab.statistics import Interval
from rnnlab.studies.base import Claim, Figure, Row, Study, Verdict
from rnnlab.studies.comparing import Question
from rnnlab.studies.decay import DECAY, rate, reach_claim
from rnnlab.studies.evidence import Evidence, When
from rnnlab.studies.gradient_figures import FLOW, lag_figures, map_figure
from rnnlab.studies.horizon import context_figure, perturbation_figure, steps_used
from rnnlab.studies.inside_figures import lyapunov_figure, saturation_figure, singular_figure
from rnnlab.studies.lecture import lecture_figure
from rnnlab.studies.reach_figure import reach_figure
from rnnlab.studies.shares import diverged_figure, success_figure
from rnnlab.studies.solving import SOLVED, length_key, solved

VANILLA, GATED = "elman", "lstm"
FEWEST_GROUPS = 5
"""Cells that it takes for a p-value below 5 % of a correlation between them: 4 have 24 orders, 2 of them perfect."""


class VanishingGradient(Study):
    """Each cell's half-life of the gradient beside the vanilla RNN's; and half-life beside behaviour."""

    question = "Why does the vanilla RNN forget?"
    tables = (DECAY, FLOW)

    def claims(self) -> list[Claim]:
        return [*(self._dies_sooner(when) for when in When), *together(self.evidence)]

    def figures(self) -> list[Figure]:
        evidence = self.evidence
        return [
            *lag_figures(evidence),
            *lecture_figure(evidence, pair(evidence)),
            *map_figure(evidence),
            *singular_figure(evidence),
            *lyapunov_figure(evidence),
            *saturation_figure(evidence),
            *reach_figure(evidence),
            *perturbation_figure(evidence),
            *context_figure(evidence),
            *success_figure(evidence, length_key(evidence), solved, SOLVED),
            *diverged_figure(evidence),
        ]

    def _dies_sooner(self, when: When) -> Claim:
        first, second = pair(self.evidence)
        name = f"dies_sooner_{when.name}"
        text = f"{when.value.capitalize()}, the gradient of {first} dies sooner than that of {second}."
        return reach_claim(self.evidence, when, first, Question(name, text, more=True, target=second))


def pair(evidence: Evidence) -> tuple[str, str]:
    """The vanilla RNN and the LSTM, or where the sweep lacks one of them the first other cell."""
    names = [*evidence.options] or [*evidence.sweep.space.get(evidence.key, ())]
    first = VANILLA if VANILLA in names or not names else names[0]
    others = [name for name in names if name != first]
    return first, GATED if GATED in others or not others else others[0]


def together(evidence: Evidence) -> list[Claim]:
    """Whether runs whose gradients reach further have a lower loss, and use more context where that is known."""
    loss = "best/val_loss"
    claims = [
        _belongs(
            evidence,
            "reach_and_loss",
            "Networks whose gradients reach further after training have a lower loss.",
            {run.id: run.metrics[loss] for run in evidence.begun if math.isfinite(run.metrics.get(loss, math.nan))},
            -1,
        )
    ]
    used = {run.id: steps for run in evidence.begun if (steps := steps_used(evidence, run)) is not None}
    if used:
        text = "Networks whose gradients reach further after training use more steps of context."
        claims.append(_belongs(evidence, "reach_and_context", text, used, 1))
    return claims


def _belongs(evidence: Evidence, name: str, text: str, values: dict[str, float], sign: int) -> Claim:
    """sign: of the correlation that the text claims."""
    pairs = {option: _pairs(evidence, runs, values) for option, runs in evidence.options.items()}
    known = {option: found for option, found in pairs.items() if found}
    test = (
        f"Spearman's rank correlation over runs between the decay rate of dL/dh and the other number, each cell's runs"
        f" being alike: 95 % interval of cells drawn with replacement, and a permutation test on the means of cells at"
        f" {LEVEL:.0%}."
    )
    runs = sum(map(len, known.values()))
    if len(known) < FEWEST_GROUPS:
        missing = f"A verdict needs {FEWEST_GROUPS} cells whose runs have both numbers; there are {len(known)}."
        return Claim(name, text, test, Verdict.too_few, f"{len(known)} cells, {runs} runs.", missing)
    left, right = ({key: [each[side] for each in found] for key, found in known.items()} for side in (0, 1))
    found, p = clustered_correlation(left, right)
    row: Row = {"correlation": found.estimate, "low": found.low, "high": found.high, "p": p}
    answer = f"Rank correlation {_said(found)}, {len(known)} cells, {runs} runs; p = {p:.2g}."
    verdict = Verdict.unclear
    if p <= LEVEL:
        verdict = Verdict.supported if found.estimate * sign > 0 else Verdict.contradicted
    return Claim(name, text, test, verdict, answer, "", (row | {"cells": len(known), "runs": runs},))


def _pairs(evidence: Evidence, runs: list[SweepRun], values: dict[str, float]) -> list[tuple[float, float]]:
    rates = {run.id: rate(evidence, run, When.trained) for run in runs}
    return [(known, values[id]) for id, known in rates.items() if known is not None and id in values]


def _said(found: Interval) -> str:
    bounds = "" if math.isnan(found.low) else f" ({found.low:.2f} to {found.high:.2f})"
    return f"{found.estimate:.2f}{bounds}"
