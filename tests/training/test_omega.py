"""Pascanu's regulariser: terms and gradient are the paper's, on any cell, and training with it does what it says."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from rnnlab.config import registry
from rnnlab.config.compose import compose
from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.experiment import trial_hash
from rnnlab.models.backends import Backend
from rnnlab.models.cells.base import unedited
from rnnlab.models.cells.elman import Elman
from rnnlab.models.embeddings.none import NoEmbedding
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.base import Task
from rnnlab.models.tasks.classification import Classification
from rnnlab.training import checkpoints
from rnnlab.training.checkpoints import weights_sha256
from rnnlab.training.learner import Learner
from rnnlab.training.omega import Hold, Omega, Step, Watched, omega

MakeLearner = Callable[..., Learner]
STEPS, ROWS, UNITS = 7, 3, 5


def elman(nonlinearity: str = "tanh") -> Elman:
    torch.manual_seed(2)
    cell = Elman(Elman.Config(name="elman", hidden_size=UNITS), 2).double()
    with torch.no_grad():
        cell.W_h_HH.mul_(2)
    return cell


def run_of(cell: Elman, loss_of: Callable[[Tensor], Tensor]) -> tuple[list[Step], list[Tensor], Tensor]:
    """The steps of a run over random inputs, dL/dh_t, and all h: (T, B, H)."""
    watched, state = Watched(cell), cell.initial_state(ROWS)
    generator = torch.Generator().manual_seed(4)
    p_BTG = cell.project(torch.randn(ROWS, STEPS, 2, dtype=torch.float64, generator=generator))
    for t in range(STEPS):
        _, state = watched.step(p_BTG[:, t], state, cell.weights(), unedited)
    h = [step.outcome[0] for step in watched.steps]
    errors = torch.autograd.grad(loss_of(torch.stack(h)), h, retain_graph=True)
    return watched.steps, list(errors), torch.stack(h).detach()


def by_the_paper(W: np.ndarray, delta: np.ndarray, h: np.ndarray) -> float:
    """(|delta_t diag(phi') W|^2 / |delta_t|^2 - 1)^2, term by term, the small ones dropped."""
    terms = []
    for t in range(STEPS):
        for row in range(ROWS):
            came = np.sum(delta[t, row] ** 2)
            if came >= 1e-20:
                back = (delta[t, row] * (1 - h[t, row] ** 2)) @ W
                terms.append((np.sum(back**2) / came - 1) ** 2)
    return float(np.mean(terms)) if terms else 0.0


LOSSES = {
    "every step": lambda h: h.square().sum(),
    "the last step": lambda h: h[-1].sum(),
    "some rows only": lambda h: h[3, 0].sum() + h[-1, 1].square().sum(),
}


@pytest.mark.parametrize("where", LOSSES)
def test_value_and_gradient_are_those_of_the_paper(where: str) -> None:
    cell = elman()
    steps, errors, h = run_of(cell, LOSSES[where])
    delta, W = torch.stack(errors).numpy(), cell.W_h_HH.detach().numpy().copy()
    hold = Hold()
    value = omega(cell, cell, steps, errors, hold)
    assert value.item() == pytest.approx(by_the_paper(W, delta, h.numpy()), rel=1e-12)
    hold.constant = True
    (gradient,) = torch.autograd.grad(value, cell.W_h_HH)
    size = 1e-6
    for i, j in [(0, 0), (1, 3), (4, 2)]:
        nudge = np.zeros_like(W)
        nudge[i, j] = size
        slope = by_the_paper(W + nudge, delta, h.numpy()) - by_the_paper(W - nudge, delta, h.numpy())
        assert float(gradient[i, j]) == pytest.approx(slope / (2 * size), rel=1e-6, abs=1e-9)


class Linear(Elman):
    """h_t = W_x x_t + W_h h_(t-1) + b."""

    def step(self, p_BG, state, w, edit):  # type: ignore[no-untyped-def]
        (h_BH,) = state
        h_BH = edit("h", p_BG + h_BH @ w.W_h_HH.T)
        return h_BH, (h_BH,)


@pytest.mark.parametrize("scale", [1.0, 0.5, 2.0])
def test_a_scaled_orthogonal_linear_map_has_a_closed_form(scale: float) -> None:
    torch.manual_seed(0)
    cell = Linear(Elman.Config(name="elman", hidden_size=UNITS), 2).double()
    with torch.no_grad():
        cell.W_h_HH.copy_(scale * torch.linalg.qr(torch.randn(UNITS, UNITS, dtype=torch.float64))[0])
    steps, errors, _ = run_of(cell, LOSSES["the last step"])
    assert omega(cell, cell, steps, errors, Hold()).item() == pytest.approx((scale**2 - 1) ** 2, abs=1e-12)


TAUGHT = [name for name in registry.names("cell") if name not in ("mingru", "minlstm")]


@pytest.mark.parametrize("name", TAUGHT)
def test_of_any_cell_the_terms_compare_errors_as_they_went_through_the_run(name: str) -> None:
    """With the error at the last step alone, what a step hands back is what the step before it receives."""
    torch.manual_seed(3)
    component = registry.component("cell", name)
    cell = component(component.Config(name=name, hidden_size=UNITS), 2).double()
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    p_BTG, watched = cell.project(torch.randn(ROWS, STEPS, 2, dtype=torch.float64)), Watched(cell)
    first = state = tuple((part + 0.1).requires_grad_() for part in cell.initial_state(ROWS))
    for t in range(STEPS):
        h_BH, state = watched.step(p_BTG[:, t], state, cell.weights(), unedited)
    loss = (h_BH * torch.randn(ROWS, UNITS, dtype=torch.float64)).sum()
    outcomes = [first, *(step.outcome for step in watched.steps)]
    errors = [
        torch.autograd.grad(loss, parts, retain_graph=True, allow_unused=True, materialize_grads=True)
        for parts in outcomes
    ]
    sizes = [sum(part.square().sum(dim=-1) for part in parts) for parts in errors]
    terms = [((before / after - 1) ** 2)[after >= 1e-20] for before, after in pairwise(sizes)]
    flat = [part for parts in errors[1:] for part in parts]
    assert omega(cell, cell, watched.steps, flat, Hold()).item() == pytest.approx(
        torch.cat(terms).mean().item(), rel=1e-9
    )


@pytest.mark.parametrize(("size", "kept"), [(1.1e-10, True), (0.9e-10, False)])
def test_errors_below_the_bound_are_dropped(size: float, kept: bool) -> None:
    cell = elman()
    steps, errors, _ = run_of(cell, LOSSES["every step"])
    small = [size * error / error.norm(dim=-1, keepdim=True) for error in errors]
    value = omega(cell, cell, steps, small, Hold())
    assert torch.isfinite(value) and (value.item() > 0) is kept
    mixed = omega(cell, cell, steps, [*small[:-1], errors[-1]], Hold())
    alone = omega(cell, cell, steps[-1:], errors[-1:], Hold())
    assert kept or mixed.item() == pytest.approx(alone.item(), rel=1e-12)


def penalty_of(learner: Learner) -> float:
    """Omega of the learner's next window."""
    seen: list[Tensor] = []
    before = deepcopy(learner.checkpoint())
    sums = torch.autograd.grad

    def spy(outputs, inputs, *rest, **settings):  # type: ignore[no-untyped-def]
        seen.append(outputs) if isinstance(outputs, Tensor) else None
        return sums(outputs, inputs, *rest, **settings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.autograd, "grad", spy)
        learner.train_window()
    learner.restore(before)
    return float(seen[-1].detach()) / learner.omega.alpha


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru", "lru", "cornn"])
def test_training_lowers_it(cell: str, make_learner: MakeLearner) -> None:
    """Beside the same run whose factor on it is as good as zero."""
    with_it, without = (
        make_learner(cell=cell, depth=2, lr=0.01, warmup_steps=0, schedule="constant", omega=factor)
        for factor in (10.0, 1e-30)
    )
    for _ in range(60):
        with_it.train_window()
        without.train_window()
    after = penalty_of(with_it)
    assert after == pytest.approx(with_it.figures()["omega"], rel=1e-6), "what is followed is what is lowered"
    assert after < 0.9 * penalty_of(without)


REGULARISED = {"variational": True, "zoneout": 0.2, "drop_connect": 0.3, "learned_state": True, "layer_norm": True}


@pytest.mark.parametrize("stack", [{}, REGULARISED], ids=["plain", "regularised"])
@pytest.mark.parametrize("cell", ["elman", "lstm"])
def test_the_loss_and_its_gradient_are_those_without_it(cell: str, stack: dict, make_learner: MakeLearner) -> None:
    """With the factor as good as zero a run is the one through the loop, its masks and resets included."""
    settings = {"cell": cell, "depth": 2, "documents": [0, 17, 33], "dropout": 0.3, "stack": stack, "backend": "loop"}
    plain, tiny = make_learner(**settings), make_learner(**settings, omega=1e-30)
    for _ in range(8):
        assert plain.train_window().item() == pytest.approx(tiny.train_window().item(), rel=1e-6)
    for first, second in zip(plain.parameters, tiny.parameters, strict=True):
        torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-6)


def test_resumed_it_goes_on_to_the_bit(tmp_path: Path, make_learner: MakeLearner) -> None:
    settings = {"depth": 2, "dropout": 0.3, "documents": [0, 17, 33, 64], "stack": REGULARISED, "omega": 0.5}
    undisturbed = make_learner(**settings)
    losses = []
    for window in range(12):
        checkpoints.save(tmp_path / f"{window}.ckpt", undisturbed.checkpoint())
        losses.append(undisturbed.train_window().item())
    for window in (0, 3, 7, 11):
        learner = make_learner(**settings)
        learner.train_window()
        learner.restore(checkpoints.load(tmp_path / f"{window}.ckpt"))
        assert [learner.train_window().item() for _ in range(12 - window)] == losses[window:]
        assert weights_sha256(learner.model.state_dict()) == weights_sha256(undisturbed.model.state_dict())


def classifier() -> Task:
    torch.manual_seed(1)
    spec = DataSpec("sequences", (), 3, 4, {"train": 8, "val": 4, "test": 4}, 6, "", "0")
    inputs = NoEmbedding(NoEmbedding.Config(name="none"), spec)
    stack = Stack(Stack.Config(dropout=0.0, bidirectional=True), [elman_on(3), elman_on(3)])
    return Classification(Classification.Config(name="classification"), inputs, stack, spec)


def elman_on(inputs: int) -> Elman:
    return Elman(Elman.Config(name="elman", hidden_size=UNITS), inputs)


def test_of_sequences_only_what_is_before_the_end_of_each_counts() -> None:
    """Numbers behind a row's last valid step change neither loss nor gradient."""
    model, lengths = classifier(), torch.tensor([6, 2, 4])
    x_BTD, targets = torch.randn(3, 6, 3), torch.tensor([0, 3, 1])
    gradients = []
    for filler in (0.0, 5.0):
        x_BTD[torch.arange(6) >= lengths[:, None]] = filler
        parameters = list(model.parameters())
        Omega(2.0, model.stack).gradients(lambda: model.loss(Batch(x_BTD, targets, lengths), None), parameters)
        gradients.append([p.grad for p in parameters])
        plain = torch.autograd.grad(model.loss(Batch(x_BTD, targets, lengths), None)[0], parameters)
    for first, second in zip(*gradients, strict=True):
        torch.testing.assert_close(first, second)
    differs = [not torch.allclose(with_it, without) for with_it, without in zip(gradients[1], plain, strict=True)]
    recurrent = [name.endswith("W_h_HH") for name, _ in model.named_parameters()]
    assert differs == recurrent, "the recurrent weights, and they alone, are taught"


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["bptt.omega=-1"], "bptt.omega = -1.0: it must be at least 0"),
        (["bptt.omega=inf"], "bptt.omega = inf"),
        (["bptt.omega=1", "stack.backend=native"], "possible: auto, loop"),
    ],
)
def test_wrong_requests_end_in_a_line(overrides: list[str], words: str) -> None:
    with pytest.raises(RequestError) as error:
        compose(overrides)
    assert words in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("cell", [name for name in registry.names("cell") if name not in TAUGHT])
def test_a_cell_without_recurrent_weights_is_refused(cell: str, make_learner: MakeLearner) -> None:
    with pytest.raises(RequestError, match=f"cell={cell} has no recurrent weights"):
        make_learner(cell=cell, omega=1.0)


def test_a_cell_that_hides_its_state_is_refused(make_learner: MakeLearner, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = make_learner().model.stack
    monkeypatch.setattr(type(next(stack.layers())), "names", ("h",))
    with pytest.raises(RequestError, match="does not pass c of its state through edit"):
        Omega(1.0, stack)


def test_its_default_leaves_the_identity_of_trials_as_it_was() -> None:
    """The hash is of the fields that there were before this one; any other value is another trial."""
    plain = compose(["cell=elman"]).experiment
    assert trial_hash(compose(["cell=elman", "bptt.omega=0"]).experiment) == trial_hash(plain)
    assert trial_hash(compose(["cell=elman", "bptt.omega=1"]).experiment) != trial_hash(plain)


def test_without_it_no_backend_is_taken_away(make_learner: MakeLearner) -> None:
    assert make_learner().model.stack.backend is Backend.native
    assert make_learner(omega=1.0).model.stack.backend is Backend.loop
