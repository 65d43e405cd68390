"""All checks of a cell, in an order in which the first that fails says most."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch

from rnnlab.checks import agreement, count, derivatives, inside, memory, paper, rows
from rnnlab.checks.finding import Finding, Measured, Wrong
from rnnlab.checks.subject import EVERY, Subject, variants
from rnnlab.errors import RequestError
from rnnlab.models.backends import Backend

CHECKS: dict[str, Callable[[Subject], Measured]] = {
    "state_shapes": inside.state_shapes,
    "initial_state": memory.initial_state,
    "names": inside.names,
    "equations": paper.equations,
    "torch": paper.torch_twin,
    "parameters": count.parameters,
    "backends_float64": partial(agreement.outputs, dtype=torch.float64),
    "backends_float32": partial(agreement.outputs, dtype=torch.float32),
    "gradients_float64": partial(agreement.gradients, dtype=torch.float64),
    "gradients_float32": partial(agreement.gradients, dtype=torch.float32),
    "first_derivatives": derivatives.first,
    "second_derivatives": derivatives.second,
    "every_weight": derivatives.every_weight,
    "trace": inside.trace,
    "edit": inside.edit,
    "state_matters": memory.state_matters,
    "halves": memory.halves,
    "rows": rows.independent,
    "padding": rows.padding,
    "long_run": memory.long_run,
}


@dataclass(frozen=True, slots=True)
class Examined:
    """A cell with what every check found."""

    cell: str
    findings: Sequence[Finding]

    @property
    def passed(self) -> bool:
        return all(finding.passed for finding in self.findings)

    @property
    def first_wrong(self) -> str:
        """The first check that failed, with its line; empty where none did."""
        return next((f"{finding.check}: {finding.line}" for finding in self.findings if not finding.passed), "")


def examine(name: str, backends: Sequence[Backend] = EVERY) -> Examined:
    """Run every check on a cell. Its own mistakes become findings; nothing is raised for them."""
    subject = Subject(name, tuple(backends))
    return Examined(name, [find(check, subject) for check in CHECKS])


def find(check: str, subject: Subject) -> Finding:
    """One check, of the cell as its defaults have it and of every other form that it offers; the worst counts."""
    worst: Finding | None = None
    for variant in _forms(subject):
        found = _find(check, variant)
        if worst is None or (worst.passed and (not found.passed or (found.figure or 0) > (worst.figure or 0))):
            worst = found
    assert worst is not None
    return worst


def _forms(subject: Subject) -> list[Subject]:
    try:
        return list(variants(subject))
    except RequestError:  # its module does not import: every check will say so
        return [subject]


def _find(check: str, subject: Subject) -> Finding:
    form = "".join(f"{setting}={getattr(value, 'value', value)}: " for setting, value in subject.settings.items())
    try:
        with torch.random.fork_rng(devices=[]):
            measured = CHECKS[check](subject)
    except (Wrong, RequestError) as error:
        return Finding(check, False, None, None, f"{form}{error}")
    except Exception as error:  # a cell is anybody's code, and may raise anything
        reason = " ".join(str(error).split())[:200]
        return Finding(check, False, None, None, f"{form}{type(error).__name__}: {reason}")
    figure = measured.figure if measured.figure is None or math.isfinite(measured.figure) else None
    line = measured.line if figure == measured.figure else f"not finite; {measured.line}"
    if not measured.passed and figure is not None:
        line = f"{figure:.1e} is above {measured.tolerance:.0e}{f'; {line}' if line else ''}"
    return Finding(check, measured.passed, figure, measured.tolerance, f"{form}{line}")
