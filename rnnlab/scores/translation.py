"""BLEU and chrF of whole corpora, as sacrebleu counts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rnnlab.errors import RequestError


@dataclass(frozen=True, slots=True)
class TextScores:
    """bleu, chrf: 0 to 100. signatures: by which others can repeat them (Post 2018)."""

    bleu: float
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
    found = bleu.corpus_score(list(written), streams).score, chrf.corpus_score(list(written), streams).score
    return TextScores(*found, (str(bleu.get_signature()), str(chrf.get_signature())))
