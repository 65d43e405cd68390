"""Two dimensions of many, and the page that shows them."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from rnnlab.errors import RequestError
from rnnlab.inside.vectors.map import drawn_words, equal_axes, map_page, overlap
from rnnlab.inside.vectors.projection import Projection, project
from rnnlab.inside.vectors.table import WordVectors
from rnnlab.report.chart import Chart

WORDS = ("<unk>", "\n", ",", "<b>&co", "king", "queen", *(f"word{number}" for number in range(60)))
VECTORS = WordVectors(WORDS, np.random.default_rng(0).normal(size=(len(WORDS), 6)))


def test_principal_components_equal_scikit_learn() -> None:
    from sklearn.decomposition import PCA

    known = PCA(2, svd_solver="full").fit(VECTORS.unit_VD)
    found = project(VECTORS.unit_VD, Projection.pca)
    np.testing.assert_allclose(np.abs(found.points_N2), np.abs(known.transform(VECTORS.unit_VD)), atol=1e-9)
    assert f"{known.explained_variance_ratio_.sum():.0%}" in found.note


@pytest.mark.parametrize("how", list(Projection))
def test_the_same_every_time(how: Projection) -> None:
    first, second = (project(VECTORS.unit_VD, how).points_N2 for _ in range(2))
    assert first.shape == (len(WORDS), 2) and np.array_equal(first, second)


def test_neighbours_stay_neighbours() -> None:
    """Two far clusters are two clusters on the map of t-SNE."""
    generator = np.random.default_rng(1)
    table = np.concatenate([generator.normal(size=(15, 5)) * 0.05 + centre for centre in (1.0, -1.0)])
    points = project(WordVectors([f"w{n}" for n in range(30)], table).unit_VD, Projection.tsne).points_N2
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert ((distance.argmin(axis=1) < 15) == (np.arange(30) < 15)).all()


def test_one_feature_and_too_few_words() -> None:
    assert project(np.ones((5, 1)), Projection.pca).points_N2.shape == (5, 2)
    with pytest.raises(RequestError, match="--map = '3 words': it takes at least 4"):
        project(np.ones((3, 2)), Projection.pca)


def test_the_page_is_read_without_script_or_network() -> None:
    page = map_page(VECTORS, "abcd1234", 50, Projection.pca, marked={4, 5, 2})
    for active in ("<script", "http://", "https://", "onload", "<b>&co", "@import"):
        assert active not in page
    picture = ElementTree.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])
    dots = [title.text for title in picture.iter("title")]
    assert len(dots) == 51 and {"king", "queen", ",", "<b>&co"} <= set(dots)
    written = [text.text for text in picture.iter("text")]
    assert "king" in written and "queen" in written and len(written) == len(set(written)) <= 51
    assert page.count("<td>") == 2 * 51, "a row for each word, with its neighbours"


def test_words_without_a_letter_are_drawn_where_they_are_asked_for() -> None:
    assert drawn_words(VECTORS, 3, ()) == [3, 4, 5]
    assert drawn_words(VECTORS, 3, {1, 60}) == [1, 3, 4, 5, 60]


def test_a_unit_has_as_many_pixels_both_ways() -> None:
    chart = Chart(1000, 300)
    x, y = equal_axes(np.array([[0.0, 0.0], [1.0, 1.0], [0.5, 0.2]]), chart)
    assert x.at(1.0) - x.at(0.0) == pytest.approx(y.at(0.0) - y.at(1.0))
    for point in (0.0, 1.0):
        assert chart.left < x.at(point) < chart.right and chart.top < y.at(point) < chart.bottom


def test_boxes() -> None:
    assert overlap((0, 0, 2, 2), (1, 1, 3, 3)) and not overlap((0, 0, 2, 2), (2, 0, 3, 2))
