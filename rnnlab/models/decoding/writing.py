"""What a trained model writes about sequences of symbols, and where it looked.

Shapes: N sequences, U steps of what is written, S steps of what is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from rnnlab.config.schema import require
from rnnlab.data.pairs import UNKNOWN
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError, did_you_mean
from rnnlab.models.decoding.decoder import END, About
from rnnlab.models.decoding.searching import Sentences, beam_search
from rnnlab.models.tasks.encoder_decoder import EncoderDecoder, read_before

ROWS = 64
"""Sequences that are written side by side."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """beam: sentences that are kept side by side. length_penalty: see ``beam_search``."""

    beam: int = 5
    length_penalty: float = 0.6

    def __post_init__(self) -> None:
        require(self.beam >= 1, "--beam", self.beam, "it must be at least 1")
        require(self.length_penalty >= 0, "--length-penalty", self.length_penalty, "it must be at least 0")

    def check(self, spec: DataSpec) -> None:
        """RequestError for a beam that cannot be filled."""
        symbols = len(spec.target_symbols)
        require(self.beam <= symbols, "--beam", self.beam, f"it must be at most {symbols}, the symbols to choose from")


@dataclass(frozen=True, slots=True)
class Written:
    """source, target: symbols, the target without its end. score: what the search ranks by.

    weights: float64 (U, S), where each step looked, the end's among them; None without attention
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    score: float
    weights: np.ndarray | None


def numbered(source: Sequence[str], spec: DataSpec, named: str) -> list[int]:
    """Symbols as ids. RequestError, naming the text, for none, too many, or one that the model never saw."""
    if not source:
        raise RequestError(f"{named}: is empty; there is nothing to write about")
    places = {symbol: place for place, symbol in enumerate(spec.symbols)}
    for number, symbol in enumerate(source, start=1):
        if symbol not in places and UNKNOWN not in places:
            near = did_you_mean(symbol, spec.symbols) or did_you_mean(symbol.swapcase(), spec.symbols)
            among = f"is not among the {spec.vocabulary} that the model has seen{near}"
            raise RequestError(f"{named}: symbol {number}, {symbol!r}, {among}")
    return [places[symbol] if symbol in places else places[UNKNOWN] for symbol in source]


@torch.inference_mode()
def write(
    model: EncoderDecoder,
    spec: DataSpec,
    sources: Sequence[Sequence[int]],
    how: Search,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> list[Written]:
    """Write about each of these, in evaluation mode; those of about one length side by side."""
    how.check(spec)
    order = sorted(range(len(sources)), key=lambda number: len(sources[number]))
    found: dict[int, Written] = {}
    for start in range(0, len(order), ROWS):
        chosen = order[start : start + ROWS]
        found |= zip(chosen, write_together(model, spec, [sources[number] for number in chosen], how), strict=True)
        progress(len(found), len(order))
    return [found[number] for number in range(len(sources))]


def write_together(
    model: EncoderDecoder, spec: DataSpec, sources: Sequence[Sequence[int]], how: Search
) -> list[Written]:
    """The same for one batch."""
    lengths_B = torch.tensor([len(source) for source in sources])
    inputs_BS = torch.nn.utils.rnn.pad_sequence([torch.tensor(source) for source in sources], batch_first=True)
    found = write_about(model, spec, model.about(inputs_BS, lengths_B), how)
    return [
        replace(
            written,
            source=tuple(spec.symbols[place] for place in source),
            weights=None if written.weights is None else written.weights[:, : len(source)],
        )
        for written, source in zip(found, sources, strict=True)
    ]


def write_about(model: EncoderDecoder, spec: DataSpec, about: About, how: Search) -> list[Written]:
    """Write about what an encoder gave, a row each; no ``source`` is named, and all S places have weights."""
    sentences: Sentences = beam_search(model.decoder, about, model.limit, how.beam, how.length_penalty)
    weights_BUS = model.decoder.say(read_before(sentences.symbols_BU), about).weights_BUS.double().cpu().numpy()
    found = []
    for row, symbols in enumerate(sentences.symbols_BU.tolist()):
        written = symbols[: symbols.index(END)] if END in symbols else symbols
        weights = weights_BUS[row, : min(len(written) + 1, len(symbols))] if weights_BUS.shape[2] else None
        target = tuple(spec.target_symbols[place] for place in written)
        found.append(Written((), target, float(sentences.scores_B[row]), weights))
    return found
