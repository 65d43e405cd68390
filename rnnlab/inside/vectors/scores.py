"""How many analogies word vectors answer, and how they rank similarities, among those that the vocabulary covers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rnnlab.data.word_sets import Question, Similarity
from rnnlab.inside.vectors.table import WordVectors
from rnnlab.statistics import wilson_interval

TOTAL = "total"


@dataclass(frozen=True, slots=True)
class AnalogyScore:
    """right: questions whose d is nearest of all words but a, b and c. covered: whose four words are all known.

    asked: all questions of the section. low, high: 95 % interval of the share of the covered ones; NaN for none.
    """

    section: str
    right: int
    covered: int
    asked: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Of the covered questions; NaN where there are none."""
        return self.right / self.covered if self.covered else math.nan


def score_analogies(vectors: WordVectors, sections: Mapping[str, Sequence[Question]]) -> list[AnalogyScore]:
    """A score for each section, and one over all of them, which is the first."""
    scores = [score_section(name, vectors, questions) for name, questions in sections.items()]
    right, covered, asked = (sum(getattr(score, name) for score in scores) for name in ("right", "covered", "asked"))
    return [scored(TOTAL, right, covered, asked), *scores]


def score_section(name: str, vectors: WordVectors, questions: Sequence[Question]) -> AnalogyScore:
    """The score of one section."""
    places = [[vectors.find(word) for word in question] for question in questions]
    known_Q4 = np.array([row for row in places if None not in row], dtype=np.int64).reshape(-1, 4)
    right = int((vectors.answers(known_Q4[:, :3]) == known_Q4[:, 3]).sum())
    return scored(name, right, len(known_Q4), len(questions))


def scored(name: str, right: int, covered: int, asked: int) -> AnalogyScore:
    """A count with its interval (Wilson)."""
    if covered == 0:
        return AnalogyScore(name, right, covered, asked, math.nan, math.nan)
    interval = wilson_interval(right, covered)
    return AnalogyScore(name, right, covered, asked, interval.low, interval.high)


@dataclass(frozen=True, slots=True)
class SimilarityScore:
    """rho: Spearman's, between cosines and ratings of the covered pairs; NaN for fewer than three, or equal cosines.

    low, high: 95 % interval by Fisher's z with the variance of Fieller, Hartley & Pearson (1957), 1.06 / (n - 3).
    """

    rho: float
    low: float
    high: float
    covered: int
    asked: int


def score_similarities(vectors: WordVectors, pairs: Sequence[Similarity]) -> SimilarityScore:
    """The rank correlation over the pairs whose two words are known."""
    places = [(vectors.find(pair.first), vectors.find(pair.second), pair.rating) for pair in pairs]
    known = [(a, b, rating) for a, b, rating in places if a is not None and b is not None]
    rho = spearman(vectors.cosines((a, b) for a, b, _ in known), np.array([rating for _, _, rating in known]))
    low, high = rank_interval(rho, len(known))
    return SimilarityScore(rho, low, high, len(known), len(pairs))


def spearman(cosines_N: np.ndarray, ratings_N: np.ndarray) -> float:
    """The correlation of two rankings, equal values sharing their mean rank; NaN where one is no ranking."""
    if len(cosines_N) < 3 or np.ptp(cosines_N) == 0 or np.ptp(ratings_N) == 0:
        return math.nan
    from scipy.stats import spearmanr

    return float(spearmanr(cosines_N, ratings_N).statistic)


def rank_interval(rho: float, count: int) -> tuple[float, float]:
    """The bounds of a rank correlation over so many pairs; NaN for fewer than four."""
    if math.isnan(rho) or count < 4 or abs(rho) >= 1:
        return math.nan, math.nan
    half = 1.959964 * math.sqrt(1.06 / (count - 3))
    return math.tanh(math.atanh(rho) - half), math.tanh(math.atanh(rho) + half)
