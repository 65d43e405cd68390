"""What every cell must do, whichever there are: found by name, each held to each check of ``rnnlab cells check``."""

from __future__ import annotations

import inspect
import re

import pytest

from rnnlab.checks.examine import CHECKS, find
from rnnlab.checks.subject import Subject
from rnnlab.config import registry
from rnnlab.models.cells.base import InputStart

CELLS = registry.names("cell")
every_cell = pytest.mark.parametrize("name", CELLS)


def test_the_set_is_found() -> None:
    assert {"elman", "gru", "lstm"} <= set(CELLS)


@every_cell
@pytest.mark.parametrize("check", CHECKS)
def test_check(name: str, check: str) -> None:
    finding = find(check, Subject(name))
    assert finding.passed, finding.line


@every_cell
def test_option_is_the_module_and_its_source_is_cited(name: str) -> None:
    cell = registry.component("cell", name)
    assert cell.__module__.rpartition(".")[2] == name
    assert re.search(r"\b(19|20)\d\d\b", cell.__doc__), "the docstring names the paper's year"


@every_cell
def test_buffers_stay_out_of_checkpoints(name: str) -> None:
    cell = Subject(name).cell()
    assert list(cell.state_dict()) == [named for named, _ in cell.named_parameters()]


@every_cell
def test_a_cell_adds_no_settings_without_documentation(name: str) -> None:
    cell = registry.component("cell", name)
    documented = " ".join(inspect.getdoc(base) or "" for base in (cell, *cell.Config.__mro__))
    for setting in cell.Config.__dataclass_fields__:
        assert setting == "name" or re.search(rf"\b{setting}\b", documented), setting


@every_cell
def test_the_first_weights_follow_from_the_seed_alone(name: str) -> None:
    first, second = (Subject(name).cell() for _ in range(2))
    assert all((a == b).all() for a, b in zip(first.parameters(), second.parameters(), strict=True))


@every_cell
def test_weights_on_the_input_start_with_the_variance_that_was_asked_for(name: str) -> None:
    D, H = 64, 256
    variances = {InputStart.fan_in: 1 / D, InputStart.torch: 1 / (3 * H), InputStart.normal: 0.01}
    assert variances.keys() == {*InputStart}
    for start, variance in variances.items():
        cell_class = registry.component("cell", name)
        cell = cell_class(cell_class.Config(name=name, hidden_size=H, input_start=start), D)
        matrices = {named: p for named, p in cell.named_parameters() if p.dim() == 2 and p.shape[1] == D}
        # The real and the imaginary part of one complex matrix share its variance.
        on_input = [p for named, p in matrices.items() if "_re_" not in named and "_im_" not in named]
        for weights in on_input:
            assert abs(weights.var().item() / variance - 1) < 0.05
