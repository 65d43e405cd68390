"""Text out of a language model, one symbol after the other."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnlab.config.schema import require
from rnnlab.data.spec import DataSpec
from rnnlab.data.words import UNKNOWN, find_word, places_of, words_of, written
from rnnlab.errors import RequestError, WorkError, did_you_mean
from rnnlab.models.tasks.language_model import LanguageModel


@dataclass(frozen=True, kw_only=True, slots=True)
class Sampling:
    """length: symbols to draw. temperature: divides the logits; 0 takes the likeliest symbol.

    top_k: only the k likeliest symbols are drawn. top_p: only the likeliest ones that together have
    this probability (Holtzman 2020). seed: the same seed gives the same symbols.
    """

    length: int = 500
    temperature: float = 0.8
    top_k: int | None = None
    top_p: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.length >= 1, "--length", self.length, "it must be at least 1")
        require(self.temperature >= 0, "--temperature", self.temperature, "it must be at least 0")
        require(self.top_k is None or self.top_k >= 1, "--top-k", self.top_k, "it must be at least 1")
        require(self.top_p is None or 0 < self.top_p <= 1, "--top-p", self.top_p, "it must be in (0, 1]")


@torch.inference_mode()
def generate(model: LanguageModel, primer: list[int], how: Sampling, never: Sequence[int] = ()) -> Iterator[int]:
    """Symbols that follow ``primer`` (at least one symbol), drawn one at a time. never: symbols that are not drawn."""
    generator = torch.Generator().manual_seed(how.seed)
    logits_1TV, state = model(torch.tensor([primer]))
    without = torch.tensor(never, dtype=torch.int64)
    for _ in range(how.length):
        symbol = draw(finite(logits_1TV[0, -1]).index_fill(0, without, -torch.inf), how, generator)
        yield symbol
        logits_1TV, state = model(torch.tensor([[symbol]]), state)


def finite(logits_V: Tensor) -> Tensor:
    """Logits as they are. WorkError where they are no numbers."""
    if not logits_V.isfinite().all():
        raise WorkError("the model writes nothing: its logits are not finite, as after a training that diverged")
    return logits_V


def draw(logits_V: Tensor, how: Sampling, generator: torch.Generator) -> int:
    """One symbol from the distribution that ``how`` makes of the logits; -inf is never drawn."""
    if how.temperature == 0:
        return int(logits_V.argmax())
    logits_V = restrict(logits_V.double() / how.temperature, how.top_k, how.top_p)
    return int(torch.multinomial(logits_V.softmax(dim=-1), 1, generator=generator))


def restrict(logits_V: Tensor, top_k: int | None, top_p: float | None) -> Tensor:
    """The logits, minus infinity for every symbol that is not among the likeliest.

    The symbol that crosses ``top_p`` is still drawn, so that there is always one.
    """
    ordered, symbols = logits_V.sort(descending=True, stable=True)
    keep = torch.ones_like(ordered, dtype=torch.bool)
    if top_k is not None:
        keep[top_k:] = False
    if top_p is not None:
        before = ordered.softmax(dim=-1).cumsum(dim=-1).roll(1)
        before[0] = 0.0
        keep &= before < top_p
    return logits_V.index_fill(0, symbols[~keep], -torch.inf)


def unknown(spec: DataSpec) -> list[int]:
    """The symbol of the words that the vocabulary has not, where there is one: nobody can read it."""
    return [place for place, symbol in enumerate(spec.symbols) if symbol == UNKNOWN]


def encode(text: str, spec: DataSpec) -> list[int]:
    """Symbols of a primer. RequestError for one that the model never saw; a newline for no text."""
    if spec.unit == "byte":
        return list((text or "\n").encode())
    if spec.unit == "word":
        return encode_words(text, spec)
    ids = {symbol: i for i, symbol in enumerate(spec.symbols)}
    for position, character in enumerate(text):
        if character not in ids:
            near = did_you_mean(character, spec.symbols) or did_you_mean(character.swapcase(), spec.symbols)
            raise RequestError(
                f"primer: character {position + 1}, {character!r} (U+{ord(character):04X}), is not among the"
                f" {spec.vocabulary} that the model has seen{near}"
            )
    return [ids[character] for character in text] or [ids.get("\n", 0)]


def encode_words(text: str, spec: DataSpec) -> list[int]:
    """The same in words, each as it is or else in lower case; ``<unk>`` may be written."""
    places = places_of(spec.symbols)
    found = []
    for position, word in enumerate(words_of(text)):
        place = find_word(word, places)
        if place is None:
            near = did_you_mean(word, spec.symbols) or did_you_mean(word.lower(), spec.symbols)
            raise RequestError(
                f"primer: word {position + 1}, {word!r}, is not among the {spec.vocabulary} that the model knows{near}"
            )
        found.append(place)
    return found or [places.get("\n", 0)]


def decode(symbols: Iterator[int], spec: DataSpec, after: Sequence[int] = ()) -> Iterator[str]:
    """Symbols as text, piece by piece; bytes that are not UTF-8 become U+FFFD.

    after: the symbols before them, on the last of which it depends whether a space comes before the first word.
    """
    if spec.unit == "word":
        words = (spec.symbols[symbol] for symbol in symbols)
        yield from written(words, *(spec.symbols[symbol] for symbol in after[-1:]))
        return
    if spec.unit != "byte":
        yield from (spec.symbols[symbol] for symbol in symbols)
        return
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    for symbol in symbols:
        if piece := decoder.decode(bytes([symbol])):
            yield piece
    if piece := decoder.decode(b"", final=True):
        yield piece
