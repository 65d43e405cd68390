"""BLEU and chrF of whole corpora, as sacrebleu counts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from rnnlab.errors import RequestError
from rnnlab.statistics import bootstrap_interval


@dataclass(frozen=True, slots=True)
class TextScores:
    """bleu, chrf: 0 to 100. signatures: by which others can repeat them (Post 2018).

    bleu_low, bleu_high: 95 % of the scores of sentences drawn again from these (Koehn 2004); None for one sentence.
    """

    bleu: float
    bleu_low: float | None
    bleu_high: float | None
    chrf: float
    signatures: tuple[str, str]


def text_scores(written: Sequence[str], references: Sequence[Sequence[str]]) -> TextScores:
    """Corpus scores of sentences, each against all its references: at least one, and not all equally many.

    BLEU is Papineni et al. 2002 with the tokenisation "13a", chrF that of Popović 2015; plain text goes in.
    RequestError where sacrebleu is not installed.
    """
    try:
        from sacrebleu.metrics import BLEU, CHRF
    except ImportError as error:
        raise RequestError("BLEU: sacrebleu is needed; pip install sacrebleu") from error
    streams = [list(stream) for stream in zip_longest(*references)]
    bleu, chrf = BLEU(), CHRF()
    score = bleu.corpus_score(list(written), streams).score
    one = BLEU(effective_order=True)  # of which only the counts are used; it keeps quiet about single sentences
    sentences = [one.sentence_score(text, list(others)) for text, others in zip(written, references, strict=True)]
    counts_NC = np.array([[*each.counts, *each.totals, each.sys_len, each.ref_len] for each in sentences])
    interval = bootstrap_interval(counts_NC, bleu_of)
    letters = chrf.corpus_score(list(written), streams).score
    signatures = str(bleu.get_signature()), str(chrf.get_signature())
    low, high = (interval.low, interval.high) if len(written) > 1 else (None, None)
    return TextScores(score, low, high, letters, signatures)


def bleu_of(counts_NC: np.ndarray) -> float:
    """BLEU of sentences taken together: of each its right n-grams, its n-grams, n = 1 to 4, and both lengths."""
    from sacrebleu.metrics import BLEU

    *counts, own_length, length = map(int, counts_NC.sum(axis=0))
    return float(BLEU.compute_bleu(counts[:4], counts[4:], own_length, length, smooth_method="exp").score)
