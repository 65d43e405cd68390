"""Teacher forcing, scheduled sampling and free writing: losses against NumPy, shares of true symbols, figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.config.compose import compose
from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.models.attention.base import Attention
from rnnlab.models.backends import Backend
from rnnlab.models.model import build_model
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.encoder_decoder import EncoderDecoder, read_before

SHORT = [
    "task=encoder_decoder", "data=reverse", "encoder=recurrent", "attention=additive", "cell=gru",
    "cell.hidden_size=8", "data.examples=200", "data.held_out=20", "data.length=4", "data.min_length=2",
    "data.val_rows=20", "trainer.val_every=3", "trainer.checkpoint_every=3", "tracking.store=none", "threads=1",
]  # fmt: skip
SAMPLED = [
    "task.teacher_forcing=0.4", "task.forcing_windows=6", "attention.feed=true", "attention.feed_dropout=0.5",
    "stack.variational=true",
]  # fmt: skip
SPEC = DataSpec(
    "pairs", tuple("abcde"), 0, 5, {"train": 8, "val": 4, "test": 4}, 4, "character", "0",
    target_symbols=("", *"wxyz"), target_length=5,
)  # fmt: skip


def build(dropout: float = 0.0, **task: Any) -> EncoderDecoder:
    from rnnlab.models.attention.general import General
    from rnnlab.models.cells.lstm import LSTM
    from rnnlab.models.embeddings.learned import Learned
    from rnnlab.models.encoders.recurrent import Recurrent

    torch.manual_seed(0)
    attention: Attention.Config = General.Config(name="general")
    model = build_model(
        LSTM.Config(name="lstm", hidden_size=6),
        Learned.Config(name="learned", size=3),
        Stack.Config(dropout=dropout, backend=Backend.loop),
        EncoderDecoder.Config(name="encoder_decoder", **task),
        SPEC,
        Recurrent.Config(name="recurrent"),
        attention,
    )
    assert isinstance(model, EncoderDecoder)
    return model


@pytest.fixture
def batch() -> Batch:
    targets = torch.tensor([[1, 2, 0, -1, -1], [4, 3, 2, 1, 0], [0, -1, -1, -1, -1], [2, 2, 2, 0, -1]])
    return Batch(torch.randint(5, (4, 4)), targets, torch.tensor([4, 1, 2, 3]))


def test_what_is_read_is_one_symbol_late() -> None:
    targets = torch.tensor([[1, 2, 0, -1], [4, 3, 2, 0]])
    assert read_before(targets).tolist() == [[0, 1, 2, 0], [0, 4, 3, 2]]


def test_loss_against_numpy(batch: Batch) -> None:
    """The mean over asked symbols; ``step_losses`` are its summands; figures are what free writing gets."""
    model = build().eval()
    said = model.decoder.say(read_before(batch.targets), model.about(batch.inputs, batch.lengths))
    logits = said.logits_BUV.detach().double().numpy()
    log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    rows, steps = np.nonzero(batch.targets.numpy() >= 0)
    nats = -log_p[rows, steps, batch.targets.numpy()[rows, steps]]
    assert model.loss(batch, None)[0].item() == pytest.approx(nats.mean(), rel=1e-6)
    x_BTD, state, lengths = model.reads(batch)
    y_BTH, _ = model.stack(x_BTD, state)
    losses = model.step_losses(y_BTH, batch)
    assert losses.shape == batch.targets.shape and lengths.tolist() == [3, 5, 1, 4]
    assert losses.sum().item() == pytest.approx(nats.sum(), rel=1e-6)
    assert not losses[batch.targets < 0].any()


@torch.no_grad()
def test_figures_are_those_of_free_writing(batch: Batch) -> None:
    """Targets that are what the model writes are hit; one that differs in a symbol is an error, and one edit."""
    model = build().eval()
    logits, _ = model(batch.inputs, None, None, batch.lengths)
    free = logits.argmax(dim=-1)
    ended = (free == 0).cumsum(dim=1)
    targets = torch.where((ended == 0) | ((ended == 1) & (free == 0)), free, -1)
    targets = torch.cat([targets, torch.where(ended[:, -1:] == 0, 0, -1)], dim=1)
    sums, _ = model.score(Batch(batch.inputs, targets, batch.lengths), None)
    assert float(sums["wrong"]) == float(sums["edits"]) == 0
    other = targets.clone()
    other[0] = torch.tensor([1 + int(targets[0, 0]) % 4, *targets[0, 1:].tolist()])
    sums, _ = model.score(Batch(batch.inputs, other, batch.lengths), None)
    assert float(sums["wrong"]) == 1 and float(sums["edits"]) >= 1
    both = Batch(batch.inputs, other, batch.lengths, alternatives=targets[:, None])
    assert float(model.score(both, None)[0]["wrong"]) == 0


def test_sampled_symbols_are_the_models_own(batch: Batch) -> None:
    """With no true symbol but the first, the loss is that of the targets after the model's own greedy symbols."""
    model = build(teacher_forcing=0.0)
    about = model.about(batch.inputs, batch.lengths)
    free = model.decoder.say_freely(5, about)
    own_BU = torch.cat([torch.zeros(4, 1, dtype=torch.int64), free.logits_BUV.argmax(dim=-1)[:, :-1]], dim=1)
    said = model.decoder.say(own_BU, about)
    wanted = torch.nn.functional.cross_entropy(said.logits_BUV.flatten(0, 1), batch.targets.flatten(), ignore_index=-1)
    assert model.loss(batch, None)[0].item() == pytest.approx(wanted.item(), rel=1e-6)


def test_the_share_of_true_symbols_falls_over_training(batch: Batch) -> None:
    model = build(teacher_forcing=0.25, forcing_windows=4).train()
    shares = []
    for _ in range(6):
        shares.append(model.true_share())
        model.loss(batch, None)
    assert shares == pytest.approx([1.0, 0.8125, 0.625, 0.4375, 0.25, 0.25])
    model.eval()
    model.loss(batch, None)
    assert int(model.windows_trained) == 6


def test_each_symbol_is_sampled_for_itself(batch: Batch) -> None:
    """Over many draws the share of steps that read the true symbol is what was asked for, and rows mix both."""
    model = build(teacher_forcing=0.7)
    seen: list[torch.Tensor] = []
    model.embedding.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    targets = torch.full((200, 5), 4)
    with torch.no_grad():
        model.readout.head.weight.zero_()
        model.readout.head.bias.copy_(torch.tensor([0.0, 9.0, 0.0, 0.0, 0.0]))  # always writes symbol 1
        model.loss(Batch(torch.randint(5, (200, 4)), targets), None)
    read_BU = torch.cat(seen, dim=1)
    assert not read_BU[:, 0].any() and set(read_BU[:, 1:].unique().tolist()) == {1, 4}
    taught = (read_BU[:, 1:] == 4).double()
    assert taught.mean().item() == pytest.approx(0.7, abs=0.05)
    assert ((taught.mean(dim=1) > 0) & (taught.mean(dim=1) < 1)).double().mean() > 0.5


@pytest.mark.parametrize("settings", [[], SAMPLED], ids=["teacher forcing", "scheduled sampling, fed"])
def test_a_run_goes_on_to_the_bit(workspace: Path, settings: list[str]) -> None:
    """Cut at a step and resumed: the weights of a run that was never cut."""
    import rnnlab.rerun
    from rnnlab.rerun import StopAt
    from rnnlab.train import run

    overrides = [*SHORT, *settings, "trainer.max_steps=9"]
    whole = run(compose(overrides).experiment, overrides)
    cut = run(compose(overrides).experiment, overrides, reporter=StopAt(3))
    assert cut.state == "interrupted" and cut.steps < 9
    resumed = rnnlab.rerun.resume(cut.run_id)
    assert resumed.weights_sha256 == whole.weights_sha256
    assert {k: v for k, v in resumed.metrics.items() if k != "seconds"} == {
        k: v for k, v in whole.metrics.items() if k != "seconds"
    }


def test_bad_requests_end_in_one_line(cli: Callable[..., Any], workspace: Path) -> None:
    for words, line in {
        ("task=encoder_decoder", "data=reverse"): "encoder=none: task=encoder_decoder writes about what an encoder",
        ("encoder=recurrent",): "encoder=recurrent: task=language_model does not decode; possible: encoder=none",
        ("attention=dot",): "attention=dot: task=language_model does not decode; possible: attention=none",
        (*SHORT, "stack.bidirectional=true"): "stack.bidirectional = True: with task=encoder_decoder the stack is the",
        (*SHORT, "attention=none", "attention.feed=true"): "attention.feed = True: attention=none has no context",
        (*SHORT, "attention.feed_dropout=0.5"): "attention.feed_dropout = 0.5: it needs attention.feed=true",
        (*SHORT, "data=copy"): None,
        (*SHORT, "task.teacher_forcing=2"): "task.teacher_forcing = 2.0: it must be in [0, 1]",
        (*SHORT, "task.bridge=copy"): "task.bridge = 'copy': encoder=recurrent does not end in one state",
        ("data=reverse",): "task=language_model with data=reverse: the task needs one long stream, this data is",
    }.items():
        answer = cli("train", *words)
        assert answer.exit_code == 2 and answer.stderr.count("\n") == 1, (words, answer.stderr)
        assert line is None or line in answer.stderr
    assert not (workspace / "runs").exists()
