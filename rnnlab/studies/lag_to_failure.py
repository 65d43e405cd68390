"""At which length does each cell stop solving a task that asks for what stood at its beginning?"""

from __future__ import annotations

from dataclasses import replace

from rnnlab.analysis.parameters import numbers
from rnnlab.analysis.sweep_runs import SweepRun
from rnnlab.studies.base import Claim, Figure, Study
from rnnlab.studies.comparing import Measure, Question, compare
from rnnlab.studies.shares import share_rows, success_figure
from rnnlab.studies.solving import SOLVED, length_key, solved
from rnnlab.studies.vanishing_gradient import pair

SHARE = Measure("solved", "of lengths", ("solves more", "solves fewer"), is_share=True)
SUCCESS = Measure("solved", "of runs", is_share=True)


class LagToFailure(Study):
    """The share of solved runs against length; and of each seed, how many lengths it solves."""

    question = "How long may the gap be before learning fails?"

    def claims(self) -> list[Claim]:
        first, second = pair(self.evidence)
        key = length_key(self.evidence)
        values = {option: _by_seed(runs) for option, runs in self.evidence.options.items()}
        text = f"The cell {second} solves longer gaps than {first}."
        claim = compare(values, first, Question("solves_longer", text, True, second), SHARE, self.key)
        test = f"{claim.test} Solved: {SOLVED}. Each seed counts once: the share of the lengths that it solves."
        return [replace(claim, test=test), self._at_the_longest(first, second, key)]

    def figures(self) -> list[Figure]:
        return success_figure(self.evidence, length_key(self.evidence), solved, SOLVED)

    def _at_the_longest(self, first: str, second: str, key: str) -> Claim:
        """The success of runs at the greatest length, with the rates at all lengths as its rows."""
        evidence, lengths = self.evidence, self.evidence.sweep.space.get(key, [])
        longest = max(lengths, key=float) if lengths and numbers(lengths) else next(iter(lengths), "")
        ended = {
            option: [
                float(answer)
                for run in runs
                if evidence.setting(run, key) == longest and (answer := solved(run)) is not None
            ]
            for option, runs in evidence.options.items()
            if option in (first, second)
        }
        text = f"At the greatest length, {longest} steps, runs of {second} succeed more often than those of {first}."
        claim = compare(ended, first, Question("succeeds_at_longest", text, True, second), SUCCESS, self.key)
        rows = ({self.key: row.pop("option"), **row} for row in share_rows(evidence, key, solved))
        test = f"{claim.test.split(';')[0]}. Solved: {SOLVED}. The table has Wilson's 95 % intervals."
        return replace(claim, test=test, rows=tuple(rows))


def _by_seed(runs: list[SweepRun]) -> list[float]:
    found: dict[str, list[bool]] = {}
    for run in runs:
        answer = solved(run)
        if answer is not None:
            found.setdefault(run.seed or "", []).append(answer)
    return [sum(answers) / len(answers) for answers in found.values()]
