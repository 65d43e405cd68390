"""Which class to say for the sake of macro-F1, where the likeliest is not always the best answer.

Shapes: B batch, V classes.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

MOMENTUM = 0.005
"""Weight of one batch in the running shares: some 200 batches count."""


class MacroF1Answers(nn.Module):
    """For each item the class whose saying raises the expected macro-F1 most.

    F1 of a class is 2 b / (s + t): s is the share of all items that are said to be of it, t the share that are, b that
    of both. Saying the class of one item more, which is of it with probability p, moves its F1 by
    (2 p - F1) / (s + t) against not saying it: so that is worth it above p = F1 / 2 (Lipton, Elkan & Naryanaswamy 2014,
    "Optimal thresholding of classifiers to maximize F1 measure"), and worth the more the rarer the class is.

    The shares are running means over batches of training, of what the network itself expects; they are part of its
    state, as those of batch normalisation are.
    """

    said_V: Tensor
    true_V: Tensor
    both_V: Tensor

    def __init__(self, classes: int) -> None:
        super().__init__()
        even_V = torch.full((classes,), 1 / classes)
        for name, shares_V in {"said_V": even_V, "true_V": even_V, "both_V": even_V / 2}.items():
            self.register_buffer(name, shares_V.clone())

    def forward(self, p_BV: Tensor) -> Tensor:
        """The classes that are said, int64 (B,)."""
        counted_V = self.said_V + self.true_V
        f1_V = 2 * self.both_V / counted_V
        answers_B: Tensor = ((2 * p_BV - f1_V) / counted_V).argmax(dim=-1)
        return answers_B

    @torch.no_grad()
    def observe(self, p_BV: Tensor) -> None:
        """Count a batch of training."""
        said_BV = nn.functional.one_hot(self(p_BV), p_BV.shape[-1]).to(p_BV.dtype)
        for shares_V, found_BV in ((self.said_V, said_BV), (self.true_V, p_BV), (self.both_V, said_BV * p_BV)):
            shares_V.lerp_(found_BV.mean(dim=0).to(shares_V.dtype), MOMENTUM)
