"""How many steps of context does each cell use on text?"""

from __future__ import annotations

from rnnlab.studies.base import Claim, Figure, Study
from rnnlab.studies.comparing import Measure, Question, compare
from rnnlab.studies.horizon import CONTEXT, PERTURBATION, context_figure, perturbation_figure, steps_used
from rnnlab.studies.losses import LOSS, losses
from rnnlab.studies.vanishing_gradient import pair, together

STEPS = Measure("steps", "steps", ("uses more", "uses fewer"))


class MemoryHorizon(Study):
    """The context at which 95 % of what context can gain is gained, and what it is worth."""

    question = "How far back do networks use what they have seen?"
    tables = (CONTEXT, PERTURBATION)

    def claims(self) -> list[Claim]:
        first, second = pair(self.evidence)
        found = {
            option: [steps_used(self.evidence, run) for run in runs] for option, runs in self.evidence.options.items()
        }
        used = {option: [steps for steps in values if steps is not None] for option, values in found.items()}
        more = Question(
            "context_used", f"After training, {second} uses more steps of context than {first}.", True, second
        )
        lower = Question("loss", f"The cell {second} reaches a lower loss than {first}.", False, second)
        return [
            compare(used, first, more, STEPS, self.key),
            compare(losses(self.evidence), first, lower, LOSS, self.key),
            *together(self.evidence),
        ]

    def figures(self) -> list[Figure]:
        return [*context_figure(self.evidence), *perturbation_figure(self.evidence)]
