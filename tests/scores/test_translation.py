"""BLEU counted by hand, with one reference and with several."""

from __future__ import annotations

import math

import pytest

from rnnlab.scores.translation import text_scores


def test_bleu_of_one_sentence_by_hand() -> None:
    """5 of 6 words, 3 of 5 pairs, 2 of 4 threes, 1 of 3 fours; as long as its reference, so nothing is taken off."""
    found = text_scores(["the cat sat on a mat"], [["the cat sat on the mat"]])
    by_hand = 100 * math.exp((math.log(5 / 6) + math.log(3 / 5) + math.log(2 / 4) + math.log(1 / 3)) / 4)
    assert found.bleu == pytest.approx(by_hand, abs=1e-9)
    assert 0 < found.chrf < 100


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
