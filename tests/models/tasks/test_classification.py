"""A label for a sequence: read at its last valid step, whatever stands behind it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score

from rnnlab.config import registry
from rnnlab.config.compose import compose
from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.models.backends import Backend
from rnnlab.models.model import build_model
from rnnlab.models.pooling import Pooling
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.classification import Classification, Criterion

CELLS = registry.names("cell")


def build(spec: DataSpec, cell: str = "gru", embedding: str = "none", **settings: Any) -> Classification:
    torch.manual_seed(0)
    model = build_model(
        registry.component("cell", cell).Config(name=cell, hidden_size=6),
        registry.component("embedding", embedding).Config(name=embedding),
        Stack.Config(dropout=0.0, depth=2, backend=Backend.loop),
        Classification.Config(name="classification", **settings),
        spec,
    )
    assert isinstance(model, Classification)
    return model


@pytest.mark.parametrize("cell", CELLS)
def test_padding_has_no_influence(cell: str, vector_spec: DataSpec) -> None:
    """Neither on the logits nor, through the gradient, on the weights."""
    model = build(vector_spec, cell)
    lengths, labels = torch.tensor([6, 2, 4, 1]), torch.tensor([0, 3, 1, 2])
    inputs = torch.randn(4, 6, 3)
    noisy = inputs.clone()
    for row, length in enumerate(lengths.tolist()):
        noisy[row, length:] = 100 * torch.randn(6 - length, 3)
    gradients = []
    for padded in (inputs, noisy):
        model.zero_grad()
        model.loss(Batch(padded, labels, lengths), None)[0].backward()
        gradients.append([p.grad.clone() for p in model.parameters()])
    logits = [model(padded, None, None, lengths)[0] for padded in (inputs, noisy)]
    assert (logits[0] - logits[1]).abs().max() < 1e-6
    assert max((a - b).abs().max() for a, b in zip(*gradients, strict=True)) < 1e-6
    for row, length in enumerate(lengths.tolist()):
        alone, _ = model(inputs[row : row + 1, :length])
        torch.testing.assert_close(logits[0][row : row + 1], alone, rtol=0, atol=1e-6)


def test_loss_and_accuracy_against_numpy(vector_spec: DataSpec) -> None:
    model, labels = build(vector_spec), torch.tensor([0, 3, 1, 2])
    batch = Batch(torch.randn(4, 6, 3), labels)
    logits = model(batch.inputs)[0].detach().double().numpy()
    nats = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(4), labels.numpy()]
    assert model.loss(batch, None)[0].item() == pytest.approx(nats.mean(), rel=1e-6)
    with torch.no_grad():
        sums = {name: float(value) for name, value in model.score(batch, None)[0].items()}
    assert sums["nats"] == pytest.approx(nats.sum(), rel=1e-6)
    accuracy = (logits.argmax(axis=1) == labels.numpy()).mean()
    assert model.metrics(sums) == {"loss": pytest.approx(nats.mean(), rel=1e-6), "accuracy": accuracy}


def test_sequences_never_start_from_another_one_s_state(vector_spec: DataSpec) -> None:
    model = build(vector_spec)
    batch = Batch(torch.randn(4, 6, 3), torch.tensor([0, 3, 1, 2]))
    loss, state = model.loss(batch, None)
    again, _ = model.loss(batch, state)
    assert torch.equal(loss, again)


def test_macro_f1_where_classes_have_names(vector_spec: DataSpec) -> None:
    """Added up over batches, as scikit-learn has it for all of them together."""
    spec = replace(vector_spec, labels=tuple("abcd"))
    model = build(spec)
    generator = torch.Generator().manual_seed(2)
    batches = [
        Batch(torch.randn(9, 6, 3, generator=generator), torch.randint(4, (9,), generator=generator)) for _ in range(3)
    ]
    with torch.no_grad():
        sums = [model.score(batch, None)[0] for batch in batches]
        said = torch.cat([model.answers(batch) for batch in batches])
    found = model.metrics({name: float(sum(part[name] for part in sums)) for name in sums[0]})
    true = torch.cat([batch.targets for batch in batches])
    assert found["macro_f1"] == pytest.approx(f1_score(true, said, average="macro"))
    assert Classification.figures_on(spec) == ("loss", "accuracy", "macro_f1") == tuple(found)
    assert Classification.figures_on(vector_spec) == ("loss", "accuracy")


def test_the_best_weights_are_those_with_the_highest_macro_f1_where_that_is_wanted(vector_spec: DataSpec) -> None:
    spec = replace(vector_spec, labels=tuple("abcd"))
    model = build(spec, criterion=Criterion.macro_f1)
    batch = Batch(torch.randn(9, 6, 3), torch.randint(4, (9,)))
    with torch.no_grad():
        found = model.metrics({name: float(value) for name, value in model.score(batch, None)[0].items()})
        said = model.answers(batch)
    assert found[model.criterion] == 1 - found["macro_f1"]
    assert found["macro_f1"] == pytest.approx(f1_score(batch.targets, said, average="macro"))
    assert build(spec).criterion == "loss"


@pytest.mark.parametrize("wide", [0, 3])
def test_a_linear_model_beside_the_recurrent_one(wide: int) -> None:
    """Against NumPy: their mean answers, each learns by its own loss; padding has no influence on either."""
    spec = DataSpec("sequences", tuple("abcdefg"), 0, 4, {"train": 8, "val": 4, "test": 4}, 6, "character", "0")
    model = build(spec, embedding="learned", wide=wide, pooling=Pooling.max).eval()
    if model.wide is not None:
        torch.nn.init.normal_(model.wide.grams.weight)
    inputs, lengths, labels = torch.randint(7, (4, 6)), torch.tensor([6, 2, 4, 1]), torch.tensor([0, 3, 1, 2])
    y_BTH, _ = model.stack(model.embedding(inputs), lengths_B=lengths)
    said = [model.head(torch.stack([y_BTH[row, :length].amax(dim=0) for row, length in enumerate(lengths)]))]
    said += [model.wide(inputs, lengths)] if model.wide is not None else []
    logits = model(inputs, None, None, lengths)[0]
    numbers = [values.detach().double().numpy() for values in said]
    np.testing.assert_allclose(logits.detach(), np.mean(numbers, axis=0), rtol=0, atol=1e-6)
    nats = [np.log(np.exp(values).sum(axis=1)) - values[np.arange(4), labels.numpy()] for values in numbers]
    batch = Batch(inputs, labels, lengths)
    assert model.loss(batch, None)[0].item() == pytest.approx(np.mean(nats), rel=1e-6)
    torch.testing.assert_close(model.step_losses(y_BTH, batch).sum() / 4, model.loss(batch, None)[0])
    inputs[1, 2:] = 6
    torch.testing.assert_close(model(inputs, None, None, lengths)[0][1], logits[1], rtol=0, atol=1e-6)


def test_n_grams_of_vectors_are_refused(vector_spec: DataSpec) -> None:
    with pytest.raises(
        RequestError, match=r"^task.wide = 3: it reads n-grams, and this data has vectors.*possible: 0$"
    ):
        build(vector_spec, wide=3)
    with pytest.raises(RequestError, match=r"^task.wide = 9: it must be from 0 to 8"):
        build(vector_spec, wide=9)


def test_macro_f1_of_classes_without_names_is_refused(vector_spec: DataSpec) -> None:
    with pytest.raises(RequestError, match=r"^task.criterion = 'macro_f1': this data has no names .* possible: loss$"):
        build(vector_spec, criterion=Criterion.macro_f1)


def test_balanced_classes_against_numpy(vector_spec: DataSpec) -> None:
    """Trained on with a class's share to the power of -b as weight, of mean 1 over train; measured as they are."""
    counts, b = (50, 30, 15, 5), 0.6
    model = build(replace(vector_spec, label_counts=counts), balance=b)
    labels = torch.tensor([0, 3, 1, 2])
    batch = Batch(torch.randn(4, 6, 3), labels)
    logits = model(batch.inputs)[0].detach().double().numpy()
    shares = np.array(counts) / 100
    weights = shares**-b / (shares * shares**-b).sum()

    def nats(values: np.ndarray) -> np.ndarray:
        return np.log(np.exp(values).sum(axis=1)) - values[np.arange(4), labels.numpy()]

    assert model.loss(batch, None)[0].item() == pytest.approx((nats(logits) * weights[labels]).mean(), rel=1e-5)
    with torch.no_grad():
        measured = float(model.score(batch, None)[0]["nats"])
    assert measured == pytest.approx(nats(logits + b * np.log(shares)).sum(), rel=1e-5)


def test_balance_needs_to_know_how_common_classes_are(vector_spec: DataSpec) -> None:
    with pytest.raises(RequestError, match=r"^task.balance = 0.5: this data does not say"):
        build(replace(vector_spec, label_counts=()), balance=0.5)


def test_a_run_with_n_grams_goes_on_to_the_bit(workspace: Path) -> None:
    """Those that training leaves out are drawn alike, and macro-F1 chooses the same weights."""
    from rnnlab.rerun import StopAt, resume
    from rnnlab.train import run

    items = [f"{kind} day {n},{kind}" for n in range(30) for kind in ("warm", "cold")]
    (workspace / "days.csv").write_text("\n".join(["words,mood", *items, ""]), encoding="utf-8")
    overrides = [
        "task=classification", "task.criterion=macro_f1", "task.wide=3", "data=labelled", "data.path=days.csv",
        "data.label=mood", "data.text=words", "embedding.size=4",
        "cell.hidden_size=4", "data.batch_size=5", "trainer.max_steps=9", "trainer.val_every=3",
        "trainer.checkpoint_every=3", "tracking.store=none", "threads=1", "device=cpu",
    ]  # fmt: skip
    whole = run(compose(overrides).experiment, overrides)
    assert "val/macro_error" in whole.metrics
    cut = run(compose(overrides).experiment, overrides, reporter=StopAt(3))
    assert cut.state == "interrupted" and cut.steps < 9
    resumed = resume(cut.run_id)
    assert resumed.weights_sha256 == whole.weights_sha256
    assert {k: v for k, v in resumed.metrics.items() if k != "seconds"} == {
        k: v for k, v in whole.metrics.items() if k != "seconds"
    }
