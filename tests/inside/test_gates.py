"""Shares of time at which gates are nearly shut or open, unit by unit, at the moments of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.config import registry
from rnnlab.config.compose import compose, restore
from rnnlab.data.contents import Sequences, Stream
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.inside.gates import ROWS, check_gates, cut, gate_shares, moments_of
from rnnlab.models.backends import Backend
from rnnlab.models.embeddings.learned import Learned
from rnnlab.models.embeddings.none import NoEmbedding
from rnnlab.models.model import build_model
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.base import Task
from rnnlab.parts import Show, assemble
from rnnlab.probes.saturation import gates_of
from rnnlab.tracking.folder import RunFolder
from rnnlab.train import run
from rnnlab.training.bptt import BPTT, CarriedState
from rnnlab.training.record import recorded_spec

TEXT = DataSpec("stream", tuple("abcdefg"), 0, 0, {"train": 900, "val": 400, "test": 5}, 0, "character", "0")
VECTORS = DataSpec("sequences", (), 3, 4, {"train": 8, "val": 6, "test": 4}, 9, "", "0")
BPTT_DEFAULT = BPTT.Config(name="default")


def made(cell: str, spec: DataSpec = TEXT, **stack: Any) -> Task:
    torch.manual_seed(0)
    config = registry.component("cell", cell).Config(name=cell, hidden_size=5)
    embedding = Learned.Config(name="learned", size=3) if spec.symbols else NoEmbedding.Config(name="none")
    task_name = "language_model" if spec.symbols else "classification"
    task = registry.component("task", task_name).Config(name=task_name)
    model = build_model(config, embedding, Stack.Config(backend=Backend.loop, **stack), task, spec)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(4.0)
    return model.eval()


@pytest.fixture
def stream() -> Stream:
    ids = np.random.default_rng(2).integers(0, 7, 1200).astype(np.uint8)
    return Stream(ids, np.array([0, 300, 900]))


def lstm_gates(model: Task, ids_N: np.ndarray) -> dict[str, np.ndarray]:
    """The equations by hand, in float64, for one row from the initial state: each gate, (N, H)."""
    (cell,) = model.stack.layers()
    weights = {name: value.detach().double().numpy() for name, value in cell.named_parameters()}
    x_ND = model.embedding.map.weight.detach().double().numpy()[ids_N]
    h, c = np.zeros(5), np.zeros(5)
    found: dict[str, list[np.ndarray]] = {"i": [], "f": [], "o": []}
    for x in x_ND:
        a = (weights["W_GD"] @ x + weights["R_GH"] @ h + weights["b_G"]).reshape(4, 5)
        i, f, o = (1 / (1 + np.exp(-a[block])) for block in (0, 1, 3))
        c = f * c + i * np.tanh(a[2])
        h = o * np.tanh(c)
        for name, value in (("i", i), ("f", f), ("o", o)):
            found[name].append(value)
    return {name: np.array(values) for name, values in found.items()}


@pytest.mark.parametrize("state", list(CarriedState))
def test_shares_are_those_of_the_equations(state: CarriedState, stream: Stream) -> None:
    """Rows side by side, each from the initial state on; with a fresh state each window begins anew."""
    model = made("lstm")
    read = cut(stream, TEXT, 1000, "here")
    assert read.steps == 1000
    length = read.steps // ROWS
    rows = [read.split.ids[row * length : (row + 1) * length] for row in range(ROWS)]
    by_hand = [lstm_gates(model, ids) for ids in rows]  # a window is as long as a row here
    found = gate_shares(model, read, BPTT.Config(name="default", state=state))
    assert [(each.layer, each.gate) for each in found] == [("layer0", gate) for gate in "ifo"]
    for shares in found:
        values_NH = np.concatenate([row[shares.gate] for row in by_hand])
        np.testing.assert_allclose(shares.below_H, (values_NH < 0.1).mean(axis=0), atol=1e-9)
        np.testing.assert_allclose(shares.above_H, (values_NH > 0.9).mean(axis=0), atol=1e-9)
    assert any(0 < share < 1 for shares in found for share in shares.below_H)


def test_gates_that_are_held(stream: Stream) -> None:
    model = made("lstm")
    (cell,) = model.stack.layers()
    with torch.no_grad():
        for weight in (cell.W_GD, cell.R_GH, cell.b_G):
            weight.zero_()
        cell.b_G.view(4, -1)[1].copy_(torch.tensor([-5.0, 5.0, 0.0, 1.0, -2.0]))
    found = {each.gate: each for each in gate_shares(model, cut(stream, TEXT, 500, "here"), BPTT_DEFAULT)}
    assert found["f"].below_H.tolist() == [1, 0, 0, 0, 0] and found["f"].above_H.tolist() == [0, 1, 0, 0, 0]
    assert not found["i"].below_H.any() and not found["o"].above_H.any()


@pytest.mark.parametrize("bidirectional", [False, True])
def test_padding_is_not_counted(bidirectional: bool) -> None:
    model = made("gru", VECTORS, bidirectional=bidirectional)
    generator, lengths = np.random.default_rng(4), np.array([9, 5, 7, 4, 9, 6])
    inputs = generator.standard_normal((6, 9, 3)).astype(np.float32)
    labels = generator.integers(0, 4, 6)
    plain = cut(Sequences(inputs, labels, lengths), VECTORS, 10_000, "here")
    assert plain.steps == lengths.sum()
    padded = inputs.copy()
    for row, length in enumerate(lengths):
        padded[row, length:] = 1e3
    for ours, theirs in zip(
        gate_shares(model, plain, BPTT_DEFAULT),
        gate_shares(model, cut(Sequences(padded, labels, lengths), VECTORS, 10_000, "here"), BPTT_DEFAULT),
        strict=True,
    ):
        assert (ours.layer, ours.gate) == (theirs.layer, theirs.gate)
        np.testing.assert_array_equal(ours.below_H, theirs.below_H)
        np.testing.assert_array_equal(ours.above_H, theirs.above_H)


def test_no_more_is_read_than_asked_for(stream: Stream) -> None:
    read = cut(stream, TEXT, 400, "here")
    assert len(read.split.ids) == 401 and read.split.documents.tolist() == [0, 300]
    assert len(cut(stream, TEXT, 10_000, "here").split.ids) == 1200
    items = Sequences(np.zeros((6, 9, 3), np.float32), np.zeros(6, int))
    assert cut(items, VECTORS, 20, "here").steps == 18 and cut(items, VECTORS, 1, "here").steps == 9
    with pytest.raises(RequestError, match="here: it has 1 symbols; at least 2 are needed"):
        cut(Stream(np.zeros(1, np.uint8), np.array([0])), TEXT, 10, "here")


@pytest.mark.parametrize("cell", registry.names("cell"))
def test_every_cell_answers_or_is_refused(cell: str, stream: Stream) -> None:
    model = made(cell, depth=2, zoneout=0.2, learned_state=True)
    if not gates_of(next(model.stack.layers())):
        with pytest.raises(RequestError, match=f"cell={cell}: its equations have no gate") as refused:
            check_gates(model)
        assert "\n" not in str(refused.value)
        return
    check_gates(model)
    for shares in gate_shares(model, cut(stream, TEXT, 60, "here"), BPTT_DEFAULT):
        assert shares.below_H.shape == shares.above_H.shape == (5,)
        assert ((shares.below_H >= 0) & (shares.above_H >= 0) & (shares.below_H + shares.above_H <= 1)).all()


SMALL = [
    "data=text", "data.path=notes.txt", "bptt.window=8", "cell.hidden_size=6", "embedding.size=4", "data.batch_size=2",
    "data.val_rows=1", "tracking.store=none", "threads=1", "trainer.max_steps=12", "trainer.val_every=5",
    "trainer.final=false", "stack.dropout=0.2", "optimizer.lr=0.5",
]  # fmt: skip


def trained(*overrides: str) -> RunFolder:
    Path("notes.txt").write_text("".join(f"{n} green bottles, {n * n} walls; " for n in range(60))[:900])
    return RunFolder.find(run(compose([*SMALL, *overrides]).experiment).run_id)


def test_moments_are_the_beginning_the_best_and_the_last(workspace: Path) -> None:
    folder = trained()
    experiment, spec = restore(folder.config()), recorded_spec(folder)
    moments = moments_of(folder, experiment, spec)
    assert [step for moment in moments for step in [moment.step]] == sorted({moment.step for moment in moments})
    assert moments[0].names == ("init",) and moments[-1].names[-1] == "last" and moments[-1].step == 12
    assert {name for moment in moments for name in moment.names} == {"init", "best", "last"}
    begun = assemble(experiment, Show()).model.state_dict()
    assert all(torch.equal(moments[0].weights[name], weight) for name, weight in begun.items())
    last = torch.load(folder.checkpoint, weights_only=True)["model"]
    assert all(torch.equal(moments[-1].weights[name], weight) for name, weight in last.items())


def test_a_run_that_began_with_another_has_no_beginning_of_its_own(workspace: Path) -> None:
    first = trained()
    second = trained(f"init_from={first.id}")
    moments = moments_of(second, restore(second.config()), recorded_spec(second))
    assert "init" not in {name for moment in moments for name in moment.names} and moments[-1].step == 12


def test_a_run_without_a_checkpoint(workspace: Path) -> None:
    folder = trained()
    for path in folder.path.glob("*.ckpt"):
        path.unlink()
    with pytest.raises(RequestError, match="has no checkpoint any more"):
        moments_of(folder, restore(folder.config()), recorded_spec(folder))
