"""Scores of word vectors, counted by hand and compared with gensim's."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from rnnlab.data.word_sets import Question, Similarity, read_questions, read_similarities
from rnnlab.inside.vectors.files import write_word2vec
from rnnlab.inside.vectors.scores import rank_interval, score_analogies, score_similarities
from rnnlab.inside.vectors.table import WordVectors

PLANE = WordVectors(
    ("man", "king", "woman", "queen", "apple"),
    np.array([[1, 0, 0.1], [1, 1, 0.1], [-1, 0, 0.1], [-1, 1, 0.1], [0, 0, 1]]),
)


def test_questions_count_where_all_their_words_are_known() -> None:
    sections = {
        "royal": [Question("man", "king", "woman", "queen"), Question("Man", "KING", "woman", "apple")],
        "unknown": [Question("man", "king", "woman", "duchess")],
    }
    total, royal, unknown = score_analogies(PLANE, sections)
    assert (total.section, total.right, total.covered, total.asked) == ("total", 1, 2, 3)
    assert (royal.right, royal.covered, royal.asked, royal.share) == (1, 2, 2, 0.5)
    assert royal.low < 0.5 < royal.high
    assert (unknown.covered, unknown.asked) == (0, 1) and math.isnan(unknown.share) and math.isnan(unknown.low)


def test_a_ranking_that_agrees_and_one_that_disagrees() -> None:
    cosines = {("man", "king"): 9.0, ("man", "apple"): 4.0, ("man", "woman"): 0.0, ("man", "none"): 5.0}
    found = score_similarities(PLANE, [Similarity(*words, rating) for words, rating in cosines.items()])
    assert (found.rho, found.covered, found.asked) == (pytest.approx(1.0), 3, 4)
    turned = score_similarities(PLANE, [Similarity(*words, -rating) for words, rating in cosines.items()])
    assert turned.rho == pytest.approx(-1.0)
    few = score_similarities(PLANE, [Similarity("man", "king", 1.0)])
    assert math.isnan(few.rho) and few.covered == 1


def test_the_interval_covers_a_known_correlation() -> None:
    """Of 400 samples of normal pairs, about 95 % have the true rank correlation, 6/pi asin(r/2), inside."""
    generator, r = np.random.default_rng(0), 0.5
    true = 6 / math.pi * math.asin(r / 2)
    inside = 0
    for _ in range(400):
        x, noise = generator.normal(size=(2, 60))
        y = r * x + math.sqrt(1 - r * r) * noise
        ranks = np.corrcoef(x.argsort().argsort(), y.argsort().argsort())[0, 1]
        low, high = rank_interval(float(ranks), 60)
        inside += low < true < high
    assert 0.91 < inside / 400 < 0.98


def test_equal_to_gensim_on_the_public_sets(raw_data: Path, tmp_path: Path) -> None:
    keyed = pytest.importorskip("gensim.models", reason="gensim is not installed").KeyedVectors
    questions = raw_data / "word2vec" / "questions-words.txt"
    if not questions.exists():
        pytest.skip("RNNLAB_DATA has no word2vec/questions-words.txt")
    sections = {name: asked[:60] for name, asked in list(read_questions(questions).items())[:4]}
    generator = np.random.default_rng(0)
    table: dict[str, np.ndarray] = {}
    for question in (question for asked in sections.values() for question in asked):
        for first, second in (question[:2], question[2:]):  # near a common shift: some are answered, some are not
            table.setdefault(first, generator.normal(size=8))
            table.setdefault(second, table[first] + 1 + generator.normal(size=8) / 2)
    vectors = WordVectors(list(table), np.array(list(table.values())))
    ratings = read_similarities(raw_data / "word2vec" / "simlex999.txt")
    known = sorted({word for pair in ratings[:300] for word in pair[:2]})
    others = WordVectors(known, generator.normal(size=(len(known), 8)))
    write_word2vec(vectors, tmp_path / "a.txt")
    write_word2vec(others, tmp_path / "b.txt")
    lines = [line for name, asked in sections.items() for line in (f": {name}", *(" ".join(q) for q in asked))]
    (tmp_path / "questions.txt").write_text("\n".join(lines) + "\n")
    theirs = keyed.load_word2vec_format(str(tmp_path / "a.txt"))
    _, counted = theirs.evaluate_word_analogies(str(tmp_path / "questions.txt"), case_insensitive=False)
    ours = score_analogies(vectors, sections)
    assert 0 < ours[0].right < ours[0].covered
    assert {score.section: score.right for score in ours[1:]} == {
        section["section"]: len(section["correct"]) for section in counted[:-1]
    }
    found = score_similarities(others, ratings)
    keyed_others = keyed.load_word2vec_format(str(tmp_path / "b.txt"))
    _, spearman, unknown = keyed_others.evaluate_word_pairs(
        str(raw_data / "word2vec" / "simlex999.txt"), case_insensitive=False
    )
    assert found.rho == pytest.approx(float(spearman[0]), abs=1e-6)
    assert found.covered == pytest.approx(found.asked * (1 - unknown / 100))
