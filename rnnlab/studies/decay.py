"""How fast gradients decay back in time, for each option of a sweep, and the claim on it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rnnlab.analysis.sweep_runs import SweepRun
from rnnlab.analysis.tables import Table
from rnnlab.statistics import half_life
from rnnlab.studies.base import Claim
from rnnlab.studies.comparing import Measure, Question, compare, estimate
from rnnlab.studies.evidence import Evidence, When

DECAY = "gradient_decay"
HIDDEN, CELL = "h", "c"
PARTS = (HIDDEN, CELL)
"""What is drawn of a state: the hidden state, and the cell state where there is one."""
INPUT_MATRIX = "input_matrix"


REACH = Measure("half_life", "steps", ("reaches further", "dies sooner"), half_life, "rate")
"""Rates are compared, as a half-life may be infinite; half-lives are shown."""


def last_layer(table: Table) -> Table:
    """The rows of the highest layer: ``layer10`` is above ``layer9``."""
    names = table.texts("layer")
    return table.where(layer=max(names, key=lambda name: (len(name), name))) if names else table


def main_part(table: Table) -> str:
    """``h``, or the first part of a state that has no part of this name."""
    names = [name for name in table.texts("quantity") if name != INPUT_MATRIX]
    return HIDDEN if HIDDEN in names else names[0] if names else ""


def rate(evidence: Evidence, run: SweepRun, when: When, part: str = "") -> float | None:
    """The decay rate of a run's gradient on its last layer's state, a step; None where it is not known."""
    table = evidence.table(run, DECAY, when)
    if table is None:
        return None
    rows = last_layer(table)
    found = rows.where(quantity=part or main_part(rows))["rate"]
    return float(found[0]) if len(found) and math.isfinite(found[0]) else None


def rates(evidence: Evidence, when: When, part: str = "") -> dict[str, list[float]]:
    """The rates of each option's runs."""
    found = {option: [rate(evidence, run, when, part) for run in runs] for option, runs in evidence.options.items()}
    return {option: [value for value in values if value is not None] for option, values in found.items()}


def reach_claim(evidence: Evidence, when: When, reference: str, question: Question) -> Claim:
    """Each option's half-life beside the reference's; of a cell state, a row that is not compared."""
    claim = compare(rates(evidence, when), reference, question, REACH, evidence.key)
    apart = {option: values for option, values in rates(evidence, when, CELL).items() if values}
    rows = list(claim.rows)
    for option, values in apart.items():
        shown = compare({option: values}, option, question, REACH, evidence.key).rows[0]
        rows.append(shown | {evidence.key: f"{option}, cell state c", "verdict": "not compared"})
    answer = f"Half-life of dL/dh {when}: {claim.answer}{_of_cell_states(apart)}"
    return Claim(claim.name, claim.text, claim.test, claim.verdict, answer, claim.missing, tuple(rows))


def _of_cell_states(values: dict[str, Sequence[float]] | dict[str, list[float]]) -> str:
    said = ", ".join(f"{option} {estimate(found, REACH)}" for option, found in values.items())
    return f" Of dL/dc: {said}." if said else ""
