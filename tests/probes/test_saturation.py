"""Shares of gates that are nearly shut or open."""

from __future__ import annotations

import pytest
import torch

from rnnlab.probes.base import CannotAnswer
from rnnlab.probes.saturation import Saturation, gates_of
from tests.probes.conftest import VECTORS, MakeModel, MakeSubject


@pytest.mark.parametrize(
    ("name", "gates"),
    [
        ("lstm", ["i", "f", "o"]),
        ("gru", ["r", "z"]),
        ("mgu", ["f"]),
        ("peephole_lstm", ["i", "f", "o"]),
        ("cifg", ["i", "o"]),
        ("elman", []),
        ("scrn", []),
        ("lem", []),
    ],
)
def test_gates_are_read_from_the_equations(name: str, gates: list[str], make_model: MakeModel) -> None:
    assert gates_of(next(make_model(name).stack.layers())) == gates


def test_shares_are_those_of_gates_that_are_held(make_model: MakeModel, look: MakeSubject) -> None:
    """One unit of f shut, one open, two between: a quarter each."""
    model = make_model("lstm")
    cell = next(model.stack.layers())
    with torch.no_grad():
        for weight in (cell.W_GD, cell.R_GH, cell.b_G):
            weight.zero_()
        cell.b_G.view(4, -1)[1].copy_(torch.tensor([-5.0, 5.0, 0.0, 1.0]))
    findings = Saturation().look(look(model))
    table = findings.tables["saturation"]
    assert table["gate"] == ["i", "f", "o"]
    assert table["below"] == [0, 0.25, 0] and table["above"] == [0, 0.25, 0]
    expected = torch.sigmoid(torch.tensor([-5.0, 5.0, 0.0, 1.0], dtype=torch.float64)).mean()
    assert table["mean"] == pytest.approx([0.5, float(expected), 0.5])
    assert findings.figures == pytest.approx({"below": 1 / 12, "above": 1 / 12})


@pytest.mark.parametrize("bidirectional", [False, True])
def test_padding_is_not_counted(bidirectional: bool, make_model: MakeModel, look: MakeSubject) -> None:
    model = make_model("gru", spec=VECTORS, stack={"bidirectional": bidirectional})
    plain = Saturation().look(look(model, spec=VECTORS, rows=6))
    padded = look(model, spec=VECTORS, rows=6)
    for row, length in enumerate(padded.batch.lengths.tolist()):
        padded.batch.inputs[row, length:] = 1e3
    assert Saturation().look(padded).tables == plain.tables


def test_a_cell_without_gates_is_refused(make_model: MakeModel, look: MakeSubject) -> None:
    model = make_model("elman")
    others = "gradient_flow,graph,histograms,horizon,jacobian,samples"
    wanted = rf"saturation with cell=elman: .*; leave it out, as in probe\.names=\[{others}\]"
    with pytest.raises(CannotAnswer, match=wanted):
        Saturation().asked(model, look(model).source)
