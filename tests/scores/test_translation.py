"""BLEU counted by hand, with one reference and with several."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sacrebleu.metrics import BLEU

from rnnlab.scores.translation import text_scores


def test_bleu_of_one_sentence_by_hand() -> None:
    """5 of 6 words, 3 of 5 pairs, 2 of 4 threes, 1 of 3 fours; as long as its reference, so nothing is taken off."""
    found = text_scores(["the cat sat on a mat"], [["the cat sat on the mat"]])
    by_hand = 100 * math.exp((math.log(5 / 6) + math.log(3 / 5) + math.log(2 / 4) + math.log(1 / 3)) / 4)
    assert found.bleu == pytest.approx(by_hand, abs=1e-9)
    assert 0 < found.chrf < 100
    assert found.bleu_low is None and found.bleu_high is None, "one sentence has no interval"


def test_a_sentence_that_is_too_short_is_punished() -> None:
    found = text_scores(["the cat sat on"], [["the cat sat on the mat"]])
    assert found.bleu == pytest.approx(100 * math.exp(1 - 6 / 4), abs=1e-9)


def test_any_reference_counts_and_not_all_have_equally_many() -> None:
    found = text_scores(
        ["he is a teacher .", "good evening to you all ."],
        [["he teaches .", "he is a teacher .", "a teacher , he is"], ["good evening to you all ."]],
    )
    assert found.bleu == pytest.approx(100) and found.chrf == pytest.approx(100)
    assert "nrefs:var" in found.signatures[0]


def test_the_interval_is_that_of_whole_corpora_drawn_again() -> None:
    """Sentences drawn and scored together, by sacrebleu itself."""
    draw = np.random.default_rng(1)
    words = ["a", "the", "cat", "dog", "sat", "ran", "on", "under", "mat", "tree", "and", "then"]
    right = [" ".join(draw.choice(words, draw.integers(5, 12))) for _ in range(30)]
    written = [
        " ".join(word if draw.random() < 0.8 else "it" for word in text.split()[: draw.integers(4, 12)])
        for text in right
    ]
    found = text_scores(written, [[text] for text in right])
    scores = []
    for _ in range(200):
        at = draw.integers(0, 30, 30)
        scores.append(BLEU().corpus_score([written[i] for i in at], [[right[i] for i in at]]).score)
    low, high = np.quantile(scores, (0.025, 0.975))
    assert found.bleu_low is not None and found.bleu_high is not None
    assert found.bleu_low < found.bleu < found.bleu_high
    assert found.bleu_low == pytest.approx(low, abs=2.5) and found.bleu_high == pytest.approx(high, abs=2.5)


def test_all_right_has_no_width() -> None:
    found = text_scores(["the cat sat on the mat"] * 3, [["the cat sat on the mat"]] * 3)
    assert (found.bleu_low, found.bleu_high) == (pytest.approx(100), pytest.approx(100))
