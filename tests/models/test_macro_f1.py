"""Answers for the sake of macro-F1: against every other answer to an item, and the shares they go by."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score

from rnnlab.models.macro_f1 import MOMENTUM, MacroF1Answers


def settled(p_BV: torch.Tensor) -> MacroF1Answers:
    """The rule, after it has seen these probabilities for long."""
    rule = MacroF1Answers(p_BV.shape[1])
    for _ in range(3000):
        rule.observe(p_BV)
    return rule


def expected(p_BV: torch.Tensor, answers_B: torch.Tensor) -> torch.Tensor:
    """Macro-F1 by the shares of what is said, expected, and both."""
    said_BV = torch.nn.functional.one_hot(answers_B, p_BV.shape[1]).to(p_BV)
    return (2 * (said_BV * p_BV).sum(0) / (said_BV.sum(0) + p_BV.sum(0))).mean()


@pytest.mark.parametrize("seed", range(3))
def test_no_other_answer_to_an_item_raises_what_is_expected(seed: int) -> None:
    """Up to what a single one of 400 can do: each item's answer is changed to each class, and all is counted anew."""
    generator = torch.Generator().manual_seed(seed)
    p_BV = (2 * torch.randn(400, 4, generator=generator, dtype=torch.float64)).exp() * torch.tensor([9.0, 3, 1, 1])
    p_BV = p_BV / p_BV.sum(dim=1, keepdim=True)
    ours_B = settled(p_BV)(p_BV)
    likeliest_B = p_BV.argmax(dim=1)

    def best_change(answers_B: torch.Tensor) -> float:
        found = expected(p_BV, answers_B)
        changes = []
        for item, label in itertools.product(range(400), range(4)):
            others_B = answers_B.clone()
            others_B[item] = label
            changes.append(float(expected(p_BV, others_B) - found))
        return max(changes)

    assert expected(p_BV, ours_B) > expected(p_BV, likeliest_B)
    assert best_change(ours_B) < 0.05 * best_change(likeliest_B)


def test_rare_classes_are_found_that_are_never_the_likeliest() -> None:
    """Labels are drawn from known probabilities, so nothing is to be learned but the answer."""
    generator = np.random.default_rng(0)
    likely = np.array([0.9, 0.07, 0.03])
    p = np.where(generator.random((20_000, 1)) < 0.9, likely, np.array([0.45, 0.2, 0.35]))
    true = (p.cumsum(axis=1) < generator.random((20_000, 1))).sum(axis=1)
    p_BV = torch.tensor(p, dtype=torch.float32)
    ours = f1_score(true, settled(p_BV)(p_BV), average="macro")
    likeliest = f1_score(true, p_BV.argmax(dim=1), average="macro")
    assert ours > likeliest + 0.1


def test_shares_are_running_means() -> None:
    rule = MacroF1Answers(3)
    shares = {"said_V": np.full(3, 1 / 3), "true_V": np.full(3, 1 / 3), "both_V": np.full(3, 1 / 6)}
    generator = torch.Generator().manual_seed(0)
    for _ in range(4):
        p_BV = torch.rand(5, 3, generator=generator).softmax(dim=1)
        said = np.eye(3)[rule(p_BV).numpy()]
        found = {"said_V": said, "true_V": p_BV.numpy(), "both_V": said * p_BV.numpy()}
        rule.observe(p_BV)
        for name, seen in found.items():
            shares[name] = (1 - MOMENTUM) * shares[name] + MOMENTUM * seen.mean(axis=0)
            np.testing.assert_allclose(getattr(rule, name), shares[name], rtol=0, atol=1e-6)
    assert set(rule.state_dict()) == set(shares), "they are resumed with the weights"
