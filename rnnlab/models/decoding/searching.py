"""Free writing: the likeliest symbol at each step, or the best of several sentences that are written side by side.

Shapes: B batch, K sentences of a beam, U steps, V target symbols.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from rnnlab.models.decoding.decoder import END, About, Decoder


class Sentences(NamedTuple):
    """symbols_BU: 0 at a sentence's end, and behind it. scores_B: what the search ranks by, float64."""

    symbols_BU: Tensor
    scores_B: Tensor


@torch.no_grad()
def greedy(decoder: Decoder, about: About, limit: int) -> Sentences:
    """The likeliest symbol at every step, up to the end or ``limit`` symbols. Scores: ln of the probability."""
    place, rows = decoder.start(about), len(about.memory_BSM)
    symbols_B = torch.full((rows,), END, device=about.memory_BSM.device)
    scores_B = torch.zeros(rows, dtype=torch.float64, device=symbols_B.device)
    going_B = torch.ones_like(symbols_B, dtype=torch.bool)
    written: list[Tensor] = []
    while len(written) < limit and bool(going_B.any()):
        said, place = decoder.step(symbols_B, place, about)
        nats_B, symbols_B = log_probabilities(said.logits_BUV[:, 0]).max(dim=-1)
        scores_B = torch.where(going_B, scores_B + nats_B, scores_B)
        symbols_B = torch.where(going_B, symbols_B, END)
        going_B = going_B & (symbols_B != END)
        written.append(symbols_B)
    return Sentences(torch.stack(written, dim=1), scores_B)


@torch.no_grad()
def beam_search(decoder: Decoder, about: About, limit: int, beam: int, length_penalty: float = 0.0) -> Sentences:
    """The best sentence of each row that ``beam`` sentences, kept side by side, lead to.

    Of all continuations of those that go on, the likeliest stay; one that ends takes its place out of the beam
    (Sutskever et al. 2014), and the search of a row is over when no place is left. The score of a sentence Y is

        ln P(Y) / lp(Y),        lp(Y) = ((5 + |Y|) / 6) ** length_penalty,      its end counted (Wu et al. 2016, eq. 14)

    Where nothing has ended after ``limit`` symbols, the best of those that go on is taken.
    """
    rows, device = len(about.memory_BSM), about.memory_BSM.device
    hypotheses, found = Hypotheses.first(rows, beam, device), Found.nothing(rows, limit, device)
    about = about.repeated(beam)
    place = decoder.start(about)
    for u in range(limit):
        said, place = decoder.step(hypotheses.last_symbols(), place, about)
        divisor = ((5 + u + 1) / 6) ** length_penalty
        parents_BK, hypotheses, ended_BK, scores_BK = hypotheses.continued(log_probabilities(said.logits_BUV[:, 0]))
        found = found.better(hypotheses.symbols_BKU, scores_BK.masked_fill(~ended_BK, -torch.inf) / divisor)
        if not bool((hypotheses.scores_BK > -torch.inf).any()):
            break
        place = place.rows(parents_BK.flatten())
    nothing_ended = found.scores_B == -torch.inf
    unfinished = found.better(hypotheses.symbols_BKU, hypotheses.scores_BK / divisor)
    scores_B = torch.where(nothing_ended, unfinished.scores_B, found.scores_B)
    symbols_BU = torch.where(nothing_ended[:, None], unfinished.symbols_BU, found.symbols_BU)
    return Sentences(symbols_BU[:, : u + 1], scores_B)


def log_probabilities(logits_BV: Tensor) -> Tensor:
    """ln P of each symbol, in float64: added up, they keep the order of float32 logits."""
    return logits_BV.double().log_softmax(dim=-1)


class Hypotheses(NamedTuple):
    """The sentences of each row that go on.

    symbols_BKU  as far as they are written
    scores_BK    ln of their probability; minus infinity for a place that holds none
    room_B       places that no ended sentence has taken
    """

    symbols_BKU: Tensor
    scores_BK: Tensor
    room_B: Tensor

    @classmethod
    def first(cls, rows: int, beam: int, device: torch.device) -> Hypotheses:
        """One empty sentence."""
        scores_BK = torch.full((rows, beam), -torch.inf, dtype=torch.float64, device=device)
        scores_BK[:, 0] = 0.0
        nothing = torch.empty((rows, beam, 0), dtype=torch.int64, device=device)
        return cls(nothing, scores_BK, torch.full((rows,), beam, device=device))

    def last_symbols(self) -> Tensor:
        """What each reads next: (B * K,)."""
        if self.symbols_BKU.shape[2] == 0:
            return torch.full((self.scores_BK.numel(),), END, device=self.scores_BK.device)
        return self.symbols_BKU[:, :, -1].flatten()

    def continued(self, nats_BV: Tensor) -> tuple[Tensor, Hypotheses, Tensor, Tensor]:
        """One symbol more, given its ln P after each sentence, (B * K, V).

        Returns the rows (of B * K) that the sentences come from, the sentences, which of them have just ended,
        and the scores of all of them, the ended ones too.
        """
        rows, beam = self.scores_BK.shape
        V = nats_BV.shape[-1]
        of_all = self.scores_BK[:, :, None] + nats_BV.view(rows, beam, V)
        scores_BK, at_BK = of_all.flatten(1).topk(beam, dim=1)
        places_K = torch.arange(beam, device=at_BK.device)
        kept_BK = (places_K < self.room_B[:, None]) & (scores_BK > -torch.inf)
        from_BK, symbol_BK = at_BK // V, at_BK % V
        before_BKU = self.symbols_BKU.gather(1, from_BK[:, :, None].expand(-1, -1, self.symbols_BKU.shape[2]))
        ended_BK = kept_BK & (symbol_BK == END)
        going_on = scores_BK.masked_fill(~kept_BK | ended_BK, -torch.inf)
        after = Hypotheses(
            torch.cat([before_BKU, symbol_BK[:, :, None]], dim=2), going_on, self.room_B - ended_BK.sum(dim=1)
        )
        parents_BK = from_BK + beam * torch.arange(rows, device=at_BK.device)[:, None]
        return parents_BK, after, ended_BK, scores_BK


class Found(NamedTuple):
    """The best sentence of each row so far: (B, limit), 0 behind its end, and its score."""

    symbols_BU: Tensor
    scores_B: Tensor

    @classmethod
    def nothing(cls, rows: int, limit: int, device: torch.device) -> Found:
        scores_B = torch.full((rows,), -torch.inf, dtype=torch.float64, device=device)
        return cls(torch.full((rows, limit), END, device=device), scores_B)

    def better(self, symbols_BKU: Tensor, scores_BK: Tensor) -> Found:
        """With each row's best of these in place of what was found, where it has a higher score."""
        scores_B, at_B = scores_BK.max(dim=1)
        best_BU = symbols_BKU[torch.arange(len(at_B), device=at_B.device), at_B]
        padded_BU = filled_up(best_BU, self.symbols_BU.shape[1])
        higher_B = scores_B > self.scores_B
        symbols_BU = torch.where(higher_B[:, None], padded_BU, self.symbols_BU)
        return Found(symbols_BU, torch.where(higher_B, scores_B, self.scores_B))


def filled_up(symbols_BU: Tensor, steps: int) -> Tensor:
    """Filled up with ends to so many steps."""
    return torch.nn.functional.pad(symbols_BU, (0, steps - symbols_BU.shape[1]), value=END)
