"""Sentences about pictures, and how good they are over a whole part of the data.

Shapes: N pictures, C channels, H and W pixels, U words, S = Y X places, Y rows and X columns of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from rnnlab.data.base import Dataset, Share
from rnnlab.data.contents import Sequences
from rnnlab.data.spec import DataSpec
from rnnlab.data.windows import tensor_of
from rnnlab.models.decoding.evaluation import Row, all_targets, row_of
from rnnlab.models.decoding.writing import ROWS, Search, Written, write_about
from rnnlab.models.encoders.pictures import PictureEncoder
from rnnlab.models.tasks.encoder_decoder import EncoderDecoder
from rnnlab.scores.captions import bleu, rouge_l


@torch.inference_mode()
def caption(
    model: EncoderDecoder,
    spec: DataSpec,
    pictures_NCHW: np.ndarray,
    how: Search,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> list[Written]:
    """Write about each of these pictures, bytes as a dataset has them, in evaluation mode."""
    how.check(spec)
    found: list[Written] = []
    for start in range(0, len(pictures_NCHW), ROWS):
        pictures = tensor_of(pictures_NCHW[start : start + ROWS])
        found += write_about(model, spec, model.about(pictures, None), how)
        progress(len(found), len(pictures_NCHW))
    return found


def looked_at(model: EncoderDecoder, written: Written) -> np.ndarray | None:
    """The weights of each word, and of the end behind them, on the places of the picture: (U, Y, X)."""
    assert isinstance(model.encoder, PictureEncoder), "captions are about pictures"
    return None if written.weights is None else written.weights.reshape(-1, *model.encoder.places)


def evaluated_captions(
    model: EncoderDecoder,
    spec: DataSpec,
    dataset: Dataset,
    split: str,
    how: Search,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> tuple[list[Row], Row]:
    """Shares of a whole part, each with Wilson's 95 % interval: a row each; and the scores of its words, in percent.

    exact: sentences that are one of those that the picture has. What else is a share the dataset itself can tell
    (``Dataset.judge``), where there was anything to be asked.
    """
    part = dataset.split(split)
    assert isinstance(part, Sequences) and part.sources is None, "one picture, one item"
    found = caption(model, spec, np.asarray(part.inputs), how, progress)
    words = [list(written.target) for written in found]
    right = [all_targets(part, item, spec) for item in range(len(found))]
    exact = sum(sentence in others for sentence, others in zip(words, right, strict=True))
    looked = [weights for written in found if (weights := looked_at(model, written)) is not None]
    shares = {"exact": Share(exact, len(words)), **dataset.judge(split, words, looked or None)}
    scores = {f"bleu{n}": 100 * score for n, score in enumerate(bleu(words, right), start=1)}
    scores["rouge_l"] = 100 * rouge_l(words, right)
    return [row_of(name, share) for name, share in shares.items() if share.of], scores
