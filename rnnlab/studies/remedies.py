"""Which remedy lets gradients of a plain network reach further, and does its loss go down with that?"""

from __future__ import annotations

from rnnlab.studies.base import Claim, Figure, Study
from rnnlab.studies.comparing import Question, compare
from rnnlab.studies.decay import DECAY, reach_claim
from rnnlab.studies.evidence import Evidence, When
from rnnlab.studies.gradient_figures import FLOW, lag_figures, map_figure
from rnnlab.studies.inside_figures import singular_figure
from rnnlab.studies.losses import LOSS, losses
from rnnlab.studies.shares import diverged_figure

PLAIN = "plain"


class Remedies(Study):
    """Each recipe beside the one that does nothing."""

    question = "What helps against vanishing gradients?"
    key = "recipe"
    tables = (DECAY, FLOW)

    def claims(self) -> list[Claim]:
        plain = reference(self.evidence)
        claims = []
        for when in When:
            text = f"{when.value.capitalize()}, some remedy lets gradients reach further than {plain}."
            question = Question(f"reach_{when.name}", text, more=True)
            claims.append(reach_claim(self.evidence, when, plain, question))
        lower = Question("loss", f"Some remedy reaches a lower loss than {plain}.", more=False)
        claims.append(compare(losses(self.evidence), plain, lower, LOSS, self.key))
        return claims

    def figures(self) -> list[Figure]:
        evidence = self.evidence
        return [
            *lag_figures(evidence),
            *map_figure(evidence),
            *singular_figure(evidence),
            *diverged_figure(evidence, "recipe"),
        ]


def reference(evidence: Evidence) -> str:
    """``plain``, or where the sweep has no such recipe the first one."""
    names = [*evidence.options] or [*evidence.sweep.space.get(evidence.key, ())] or [PLAIN]
    return PLAIN if PLAIN in names else names[0]
