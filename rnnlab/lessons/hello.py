"""Four letters: every number of a network that reads h e l l, and how it learns to say e l l o."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch

from rnnlab.lessons.base import Lesson, Try
from rnnlab.lessons.blocks import Block, Picture, Table, Text
from rnnlab.lessons.running import assembled
from rnnlab.lessons.slide import Step, drawn_steps
from rnnlab.models.sampling import Sampling, decode, encode, generate
from rnnlab.models.tasks.language_model import LanguageModel
from rnnlab.parts import Parts

SETTINGS = (
    "data=hello",
    "cell=elman",
    "cell.hidden_size=3",
    "embedding=one_hot",
    "stack.dropout=0",
    "bptt.window=4",
    "bptt.state=fresh",
    "optimizer.lr=0.05",
    "optimizer.warmup_steps=0",
    "optimizer.schedule=constant",
    "trainer.max_steps=200",
)
WORD = "ello"
MOST = 500
"""Steps of training after which it would be given up."""
LONGER = 100
"""Steps that it trains on after it can say the word."""
COIN = math.log(2) / 2
"""Nats for a letter where two of the four letters are as sure as can be, and each l is followed by a coin's throw."""


class Hello(Lesson):
    """The lecture's slide, with its numbers."""

    title = "hello: the smallest network that learns to write"
    place = 20
    look = (
        "One-hot: of each letter's four numbers one is 1. W_x picks a column for each letter, nothing more.",
        "h_t differs at the two l: what follows an l depends on what was before it, and only h_t knows.",
        "Loss is -ln of the target's probability: ln 4 = 1.386 for a network that cannot tell four letters apart.",
        "Without memory the best is a coin at each l: a mean of (ln 2 + ln 2) / 4 = 0.347. Below that, it remembers;"
        " the right letter may be the likeliest long before.",
    )
    next = (
        Try(f"rnnlab train {' '.join(SETTINGS)}", "the same as a run that is kept"),
        Try("rnnlab sample last --primer h --length 4 --temperature 0", "what that run writes after an h"),
        Try("rnnlab lesson char-rnn", "the same with a million letters"),
        Try("rnnlab cells show elman", "the equation, a diagram, and what a step costs"),
    )

    def run(self) -> Iterator[Block]:
        parts = assembled(*SETTINGS)
        count = sum(weights.numel() for weights in parts.model.parameters())
        yield Text(
            f"Vocabulary: h, e, l, o. It reads h e l l, and at each step says which letter comes next: e l l o."
            f" Three hidden units, {count} numbers to learn: h_t = tanh(W_x x_t + W_h h_(t-1) + b), logits ="
            " W_y h_t + b_y.",
            {"parameters": count},
        )
        yield from told("before", "Before training: the numbers are random, and so is what it says", parts)
        steps, losses = learned(parts, MOST)
        yield Text(
            f"After {steps} steps of training it writes, from an h and then from its own letters: {written(parts)!r}."
            f" The mean loss fell from {losses[0]:.3f} to {losses[-1]:.3f}.",
            {"steps": steps, "losses": losses, "written": written(parts)},
        )
        yield from told("after", f"After {steps} steps", parts)
        more = self.sized(LONGER, LONGER // 5)
        for _ in range(more):
            parts.learner.train_window()
        loss = mean_loss(parts)
        side = "below" if loss < COIN else "not yet below"
        yield Text(
            f"After {more} steps more the mean loss is {loss:.3f}, {side} the {COIN:.3f} that a network without memory"
            " could reach at best.",
            {"loss_at_the_end": loss, "best_without_memory": COIN},
        )


def told(name: str, title: str, parts: Parts) -> Iterator[Block]:
    """The trace as a table and as the lecture's picture."""
    steps = trace(parts)
    mean = math.fsum(step.loss for step in steps) / len(steps)
    rows = [
        {
            "input": step.letter,
            "one-hot": " ".join(f"{x:.0f}" for x in step.x_D),
            "h_t": spaced(step.h_H),
            f"logits of {' '.join(step.letters)}": spaced(step.logits_V),
            "target": step.target,
            "says": step.said,
            "loss": f"{step.loss:.3f}",
        }
        for step in steps
    ]
    numbers = [
        {
            "input": step.letter,
            "one_hot": list(step.x_D),
            "h": list(step.h_H),
            "logits": list(step.logits_V),
            "target": step.target,
            "said": step.said,
            "loss": step.loss,
        }
        for step in steps
    ]
    yield Table(name, f"{title} (mean loss {mean:.3f} nats)", rows, numbers)
    caption = "From below: letter, one-hot vector, h_t, logits; blue the target's logit, orange a larger one."
    yield Picture(title, caption, drawn_steps(steps))


@torch.no_grad()
def trace(parts: Parts) -> list[Step]:
    """Every number of the four steps, in evaluation mode."""
    model = parts.model.eval()
    assert isinstance(model, LanguageModel)
    batch = parts.learner.windows.batch(0, 0)
    x_1TD = model.embedding(batch.inputs)
    seen = model.stack.trace(x_1TD)
    logits_TV = model.head(seen.output_BTH)[0]
    losses_T = model.step_losses(seen.output_BTH, batch)[0]
    h_TH, letters = seen.stacked(0, "h")[0], parts.spec.symbols
    model.train()
    return [
        Step(
            letter=letters[int(batch.inputs[0, t])],
            target=letters[int(batch.targets[0, t])],
            x_D=x_1TD[0, t].tolist(),
            h_H=h_TH[t].tolist(),
            logits_V=logits_TV[t].tolist(),
            loss=float(losses_T[t]),
            letters=letters,
        )
        for t in range(len(h_TH))
    ]


def learned(parts: Parts, most: int) -> tuple[int, list[float]]:
    """Train until it writes the word; returns the steps that it took, and the loss at each and after them."""
    losses: list[float] = []
    while written(parts) != WORD and len(losses) < most:
        losses.append(float(parts.learner.train_window()))
    return len(losses), [*losses, mean_loss(parts)]


def mean_loss(parts: Parts) -> float:
    """Nats for a letter, over the four."""
    return math.fsum(step.loss for step in trace(parts)) / len(WORD)


def written(parts: Parts) -> str:
    """Four letters after an h, each the likeliest after the one before."""
    model = parts.model
    assert isinstance(model, LanguageModel)
    greedy = Sampling(length=len(WORD), temperature=0)
    return "".join(decode(generate(model, encode("h", parts.spec), greedy), parts.spec))


def spaced(numbers: Sequence[float]) -> str:
    return " ".join(f"{number:6.2f}" for number in numbers)
