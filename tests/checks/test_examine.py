"""Every check passes on a cell that is right, and fails on one with the mistake that it is there for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from rnnlab.checks.examine import CHECKS, examine, find
from rnnlab.checks.finding import Finding
from rnnlab.checks.subject import Subject, variants
from rnnlab.config import registry
from rnnlab.models.backends import Backend
from rnnlab.models.cells.lstm import LSTM
from rnnlab.models.compiled.program import CannotCompile

WriteCell = Callable[..., str]

RETURN = "return h_BH, (h_BH, c_BH)"
HALF_TANH = """
class HalfTanh(torch.autograd.Function):
    @staticmethod
    def forward(ctx, c):
        ctx.save_for_backward(c)
        return torch.tanh(c)

    @staticmethod
    def backward(ctx, gradient):
        (c,) = ctx.saved_tensors
        return gradient * (1 - torch.tanh(c{detach}) ** 2) {factor}


class Leaky(Cell):"""


def own_tanh(detach: str = "", factor: str = "") -> dict[str, str]:
    """tanh with a derivative of our own."""
    return {
        "class Leaky(Cell):": HALF_TANH.format(detach=detach, factor=factor),
        'edit("h", torch.tanh(c_BH))': 'edit("h", HalfTanh.apply(c_BH))',
    }


MISTAKES: list[tuple[str, dict[str, str], str]] = [
    ("state_shapes", {RETURN: "return h_BH, (h_BH, c_BH[:, :2])"}, "state c: step returns (2, 2)"),
    ("state_shapes", {RETURN: "return h_BH, (h_BH,)"}, "step returns 1 states, and state_names has 2: h, c"),
    (
        "initial_state",
        {
            "    def project": "    def initial_state(self, rows):\n"
            "        return tuple(torch.randn_like(part) for part in super().initial_state(rows))\n\n    def project"
        },
        "state h does not start alike in every row",
    ),
    ("names", {'"a_z", "z", "a_g", "g"': '"a_g", "g", "a_z", "z"'}, "step edits a_z, z, a_g, g, c, h, and names has"),
    ("names", {RETURN: "return h_BH, (h_BH, 1 * c_BH + 0.1)"}, "step does not return c as it came out of edit"),
    ("names", {'edit("a_z", a_z)': 'edit("a_z", a_z[:, :1])'}, "a_z is (2, 1)"),
    ("equations", {"h_t = tanh(c_t)": "h_t = tanh(c_t) * 0.999"}, "largest at"),
    ("equations", {"tanh(W_g x_t +": "tanh(2 * W_g x_t +"}, "largest at"),
    ("equations", {"g_t = tanh(W_g x_t": "g_t = tanh(V_g x_t"}, "nothing says what V_g is; there are R_g, R_z"),
    ("equations", {"h_t = tanh(c_t)": "h_t = tanh(d_t)"}, "no line before it defines d_t"),
    (
        "equations",
        {"c_t = (1": "d_t = (1", "* c_(t-1)": "* d_(t-1)", "tanh(c_t)": "tanh(d_t)"},
        "no equation defines c_t",
    ),
    ("parameters", {"(D + H + 1)": "(D + H + 2)"}, "parameter_count says 20 at D = 1, H = 2, and the cell has 16"),
    ("backends_float64", {"return y_BTH, last": "return y_BTH * (1 + 1e-9), last"}, "scan"),
    ("backends_float32", {"return y_BTH, last": "return y_BTH + 1e-3, last"}, "scan"),
    ("backends_float64", {"return y_BTH, last": "return y_BTH * torch.nan, last"}, "not finite"),
    ("gradients_float64", {"return y_BTH, last": "return y_BTH, (last[0].detach(), last[1])"}, "scan"),
    ("gradients_float32", {"return y_BTH, last": "return y_BTH, (last[0].detach(), last[1])"}, "scan"),
    ("first_derivatives", own_tanh(factor="* 1.01"), "scan: Jacobian mismatch"),
    (
        "first_derivatives",
        {"return y_BTH, last": "return y_BTH, (last[0].detach(), last[1])"},
        "scan: h has no derivative",
    ),
    ("second_derivatives", own_tanh(detach=".detach()"), "loop: Jacobian mismatch"),
    (
        "every_weight",
        {"        self.b_G =": "        self.idle_H = nn.Parameter(torch.ones(H))\n        self.b_G ="},
        "idle_H has no gradient",
    ),
    (
        "trace",
        {
            RETURN: "return (h_BH if edit is not unedited else 1.01 * h_BH), (h_BH, c_BH)",
            "uniform_parameter\n": "unedited, uniform_parameter\n",
        },
        "is above 0e+00",
    ),
    (
        "edit",
        {'c_BH = edit("c", (1 - z_BH)': 'c_BH = (lambda c: edit("c", c) * 0 + c)((1 - z_BH)'},
        "an edit of c changes neither",
    ),
    ("state_matters", {"(1 - z_BH) * c_BH": "(1 - z_BH) * c_BH.sign()"}, "the incoming state c does not change"),
    ("halves", {"return nn.functional.linear(x_BTD": "return nn.functional.linear(x_BTD.cumsum(dim=1)"}, "is above"),
    (
        "rows",
        {"return nn.functional.linear(x_BTD": "return nn.functional.linear(x_BTD - x_BTD.mean(dim=0)"},
        "is above",
    ),
    (
        "padding",
        {"return nn.functional.linear(x_BTD": "return nn.functional.linear(x_BTD - x_BTD.mean(dim=1, keepdim=True)"},
        "is above",
    ),
    (
        "long_run",
        {"(1 - z_BH) * c_BH + z_BH * g_BH": "1.05 * c_BH + z_BH * g_BH"},
        "not finite; largest norm after 10,000",
    ),
    ("long_run", {"(1 - z_BH) * c_BH + z_BH * g_BH": "2 ** 0.003 * c_BH + z_BH * g_BH"}, "is above 1e+06"),
    ("rows", {"return y_BTH, last": "raise ArithmeticError('no\\nway')"}, "ArithmeticError: no way"),
]


def found(check: str) -> Finding:
    registry.load_plugins(["leaky"])
    return find(check, Subject("leaky"))


def test_a_cell_of_one_s_own_passes_every_check(write_cell: WriteCell) -> None:
    registry.load_plugins([write_cell()])
    examined = examine("leaky")
    assert [finding.check for finding in examined.findings] == list(CHECKS)
    assert examined.first_wrong == ""


def test_correct_derivatives_of_one_s_own_pass(write_cell: WriteCell) -> None:
    write_cell(own_tanh())
    assert found("first_derivatives").passed and found("second_derivatives").passed


@pytest.mark.parametrize(("check", "changes", "reason"), MISTAKES, ids=[f"{m[0]}-{i}" for i, m in enumerate(MISTAKES)])
def test_a_mistake_is_found(check: str, changes: dict[str, str], reason: str, write_cell: WriteCell) -> None:
    write_cell(changes)
    finding = found(check)
    assert not finding.passed
    assert reason in finding.line and "\n" not in finding.line


def test_each_check_has_a_mistake_that_it_finds() -> None:
    assert {check for check, *_ in MISTAKES} | {"torch"} == CHECKS.keys()


def test_a_cell_unlike_torch_s_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def scaled(self: LSTM, x_BTD: Tensor) -> Tensor:
        return nn.functional.linear(1.001 * x_BTD, self.W_GD, self.b_G)

    assert find("torch", Subject("lstm", (Backend.loop,))).passed
    monkeypatch.setattr(LSTM, "project", scaled)
    assert not find("torch", Subject("lstm", (Backend.loop,))).passed


def test_every_form_that_a_cell_offers_is_checked(write_cell: WriteCell) -> None:
    """A setting with two values: the second one is wrong."""
    write_cell(
        {
            "import torch\n": "from dataclasses import dataclass\n\nimport torch\n",
            "    gates =": "    @dataclass(kw_only=True, slots=True)\n    class Config(Cell.Config):\n"
            '        """double: wrong."""\n\n        double: bool = False\n\n    gates =',
            'edit("h", torch.tanh(c_BH))': 'edit("h", torch.tanh(c_BH) * (1 + self.config.double))',
        }
    )
    finding = found("equations")
    assert not finding.passed and finding.line.startswith("double=True: ")
    assert [dict(variant.settings) for variant in variants(Subject("leaky"))] == [{}, {"double": True}]


def test_backends_may_be_left_out(write_cell: WriteCell) -> None:
    write_cell({"return y_BTH, last": "return y_BTH * 2, last"})
    registry.load_plugins(["leaky"])
    assert find("backends_float64", Subject("leaky", (Backend.loop,))).passed
    assert not find("backends_float64", Subject("leaky", (Backend.scan, Backend.loop))).passed


def test_a_cell_without_the_wanted_backends_is_checked_in_the_loop() -> None:
    subject = Subject("gru_cho", (Backend.native, Backend.scan))
    assert subject.backends_of(subject.cell()) == [Backend.loop]
    assert find("state_matters", subject).passed


def test_what_cannot_be_compiled_here_runs_as_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_compiler(*arguments: object) -> None:
        raise CannotCompile("no C++ compiler")

    monkeypatch.setattr("rnnlab.models.backends.compiled_steps", no_compiler)
    subject = Subject("gru", (Backend.compiled,))
    assert subject.backends_of(subject.cell()) == [Backend.loop]


def test_a_module_that_does_not_import_fails_every_check(
    write_cell: WriteCell, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.load_plugins([write_cell()])
    monkeypatch.setattr(registry, "_added", {("cell", "leaky"): "absent_module"})
    examined = examine("leaky")
    assert not examined.passed
    assert "the module absent_module cannot be imported" in examined.first_wrong


def test_checks_leave_the_generator_of_random_numbers_alone() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    find("padding", Subject("gru"))
    assert torch.equal(torch.get_rng_state(), before)
