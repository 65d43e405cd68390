"""BLEU and ROUGE-L against NLTK and rouge_score, and on sentences that can be counted by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.scores.captions import bleu, longest_common, rouge_l

VOCABULARY = ("a", "red", "blue", "dog", "runs", "on", "grass")
Corpus = tuple[list[list[str]], list[list[list[str]]]]


def drawn(pairs: int, seed: int) -> Corpus:
    """Sentences of 1 to 11 words, and one to four references of each, some of them the sentence with words changed."""
    generator = np.random.default_rng(seed)

    def words(count: int) -> list[str]:
        return [VOCABULARY[place] for place in generator.integers(0, len(VOCABULARY), count)]

    written, references = [], []
    for _ in range(pairs):
        sentence = words(int(generator.integers(1, 12)))
        others = []
        for _ in range(int(generator.integers(1, 5))):
            changed = [word if generator.random() < 0.7 else words(1)[0] for word in sentence]
            others.append(changed + words(int(generator.integers(0, 4))))
        written.append(sentence)
        references.append(others)
    return written, references


@pytest.mark.parametrize("seed", range(3))
def test_bleu_is_nltks_on_a_hundred_pairs(seed: int) -> None:
    nltk = pytest.importorskip("nltk.translate.bleu_score", reason="nltk is not installed")
    written, references = drawn(100, seed)
    weights = [tuple(1 / n if place < n else 0.0 for place in range(4)) for n in range(1, 5)]
    expected = nltk.corpus_bleu(references, written, weights=weights)
    assert min(expected) > 0.2
    assert bleu(written, references) == pytest.approx(expected, abs=1e-6)
    short = [sentence[: max(1, len(sentence) // 2)] for sentence in written]
    assert bleu(short, references) == pytest.approx(nltk.corpus_bleu(references, short, weights=weights), abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_rouge_l_is_rouge_scores_on_a_hundred_pairs(seed: int) -> None:
    rouge = pytest.importorskip("rouge_score.rouge_scorer", reason="rouge_score is not installed")
    written, references = drawn(100, seed)
    scorer = rouge.RougeScorer(["rougeL"])
    best = [
        scorer.score_multi([" ".join(one) for one in right], " ".join(sentence))["rougeL"].fmeasure
        for sentence, right in zip(written, references, strict=True)
    ]
    assert rouge_l(written, references) == pytest.approx(float(np.mean(best)), abs=1e-6)


@given(st.lists(st.sampled_from("abc"), max_size=6), st.lists(st.sampled_from("abc"), max_size=6))
def test_longest_common_subsequence_is_that_of_trying_all(one: list[str], other: list[str]) -> None:
    def subsequences(words: list[str]) -> set[tuple[str, ...]]:
        return {chosen for count in range(len(words) + 1) for chosen in itertools.combinations(words, count)}

    assert longest_common(one, other) == max(map(len, subsequences(one) & subsequences(other)))


def test_sentences_that_are_right_and_those_that_share_nothing() -> None:
    text = "a red circle above a blue square"
    right = [text.split()]
    assert bleu(right, [right]) == pytest.approx((1, 1, 1, 1)) and rouge_l(right, [right]) == 1
    assert bleu([["dog"]], [right]) == (0, 0, 0, 0) and rouge_l([["dog"]], [right]) == 0
    assert bleu([[]], [right]) == (0, 0, 0, 0) and rouge_l([[]], [right]) == 0
    # Every word, in an order without a pair in common: unigrams alone agree.
    assert bleu([["b", "a"]], [[["a", "b"]]]) == (1, 0, 0, 0)
