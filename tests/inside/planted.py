"""A network whose weights were set by hand so that one of its units tracks quotes, and a text that it reads.

In the text every character is drawn on its own, inside quotes from other chances than outside; so quotes are all
that there is to know. The head knows the chances, and asks the one unit which of them hold.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from rnnlab.config.compose import compose
from rnnlab.data.spec import DataSpec
from rnnlab.experiment import Experiment
from rnnlab.models.cells.lstm import LSTM
from rnnlab.models.model import build_model
from rnnlab.models.tasks.language_model import LanguageModel

SYMBOLS = (*"abcdefgh", " ", "\n", '"')
OUTSIDE = np.array([4, 4, 4, 4, 1, 1, 1, 1, 4, 0.7, 0.8])
INSIDE = np.array([1, 1, 1, 1, 4, 4, 4, 4, 2, 0.0001, 1.5])
UNIT = 3
UNITS = 12
SURE = 40.0
"""A gate's pre-activation is half of it above or below 0: open or closed to the last bit of a float32."""


def planted_text(characters: int, seed: int = 0) -> np.ndarray:
    """Ids of ``SYMBOLS``: quotes open and close, and no line ends within them."""
    generator = np.random.default_rng(seed)
    drawn = generator.random(characters)
    edges = [
        np.cumsum(chances * (chances > 0.01) / (chances * (chances > 0.01)).sum()) for chances in (OUTSIDE, INSIDE)
    ]
    ids, inside = np.empty(characters, np.int64), 0
    for place in range(characters):
        ids[place] = int(np.searchsorted(edges[inside], drawn[place], side="right").clip(max=len(SYMBOLS) - 1))
        inside ^= SYMBOLS[ids[place]] == '"'
    return ids


def characters_of(ids: np.ndarray) -> str:
    return "".join(SYMBOLS[symbol] for symbol in ids)


def inside_quotes(ids: np.ndarray) -> np.ndarray:
    """From the opening quote up to before the closing one, bool (N,)."""
    return np.cumsum(ids == SYMBOLS.index('"')) % 2 == 1


def experiment(*words: str) -> Experiment:
    return compose([f"cell.hidden_size={UNITS}", "cell=lstm", "embedding=one_hot", *words]).experiment


def spec() -> DataSpec:
    return DataSpec("stream", SYMBOLS, 0, 0, {"train": 100}, 0, "character", "none")


def built(*words: str, seed: int = 0) -> LanguageModel:
    """An untrained network."""
    torch.manual_seed(seed)
    parts = experiment(*words)
    model = build_model(parts.cell, parts.embedding, parts.stack, parts.task, spec())
    assert isinstance(model, LanguageModel)
    return model.eval()


def planted() -> LanguageModel:
    model = built(seed=5)
    plant(model, list(SYMBOLS))
    return model


@torch.no_grad()
def plant(model: LanguageModel, symbols: list[str]) -> None:
    """Make ``UNIT`` of an LSTM that reads one-hot symbols a switch: a quote turns it on, the next one off.

    Its input gate opens at a quote while h is 0, its forget gate closes at any quote. It closes at a new line too,
    which no quote holds: so a reader who begins anywhere is right from the next line on. No other unit reads it,
    and the head reads no other unit.
    """
    (cell,) = model.stack.layers()
    assert isinstance(cell, LSTM)
    H, quote, on = cell.hidden_size, symbols.index('"'), math.tanh(1.0)
    i, f, g, o = (UNIT + gate * H for gate in range(4))
    cell.R_GH[:, UNIT] = 0
    for row in (i, f, g, o):
        cell.W_GD[row], cell.R_GH[row], cell.b_G[row] = 0, 0, SURE
    cell.b_G[i], cell.W_GD[i, quote], cell.R_GH[i, UNIT] = -SURE / 2, SURE, -SURE / on
    cell.b_G[f], cell.W_GD[f, quote], cell.W_GD[f, symbols.index("\n")] = SURE / 2, -SURE, -SURE
    inside, outside = (torch.tensor(log_chances(chances, symbols)) for chances in (INSIDE, OUTSIDE))
    model.head.weight.zero_()
    model.head.weight[:, UNIT] = (inside - outside) / on
    model.head.bias.copy_(outside)


def log_chances(chances: np.ndarray, symbols: list[str]) -> list[float]:
    """Of symbols in a model's own order."""
    log = np.log(chances / chances.sum())
    return [float(log[SYMBOLS.index(symbol)]) for symbol in symbols]
