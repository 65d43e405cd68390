"""Whether a cell learns as many numbers as its formula says, which models of equal size are made by."""

from __future__ import annotations

from rnnlab.checks.finding import Measured, Wrong
from rnnlab.checks.subject import Subject

SIZES = ((1, 2), (3, 4), (7, 2), (5, 6), (16, 8))
"""(D, H)"""


def parameters(subject: Subject) -> Measured:
    """The formula counts what is there, at several sizes."""
    for D, H in SIZES:
        there = sum(parameter.numel() for parameter in subject.cell(input_size=D, hidden_size=H).parameters())
        said = subject.cell_class.parameter_count(subject.config(H), D)
        if there != said:
            raise Wrong(f"parameter_count says {said:,} at D = {D}, H = {H}, and the cell has {there:,}")
    return Measured(0, 0, f"{len(SIZES)} sizes")
