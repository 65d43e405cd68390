"""Many features as two, so that they can be drawn.

Shapes: N words, D features.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import numpy as np

from rnnlab.config.schema import require

FEWEST = 4


class Projection(str, Enum):
    """pca: the two directions of the largest variance. tsne: neighbours stay neighbours (van der Maaten 2008)."""

    pca = "pca"
    tsne = "tsne"


class Projected(NamedTuple):
    """points_N2: float64. note: what the picture keeps, for people."""

    points_N2: np.ndarray
    note: str


def project(unit_ND: np.ndarray, how: Projection) -> Projected:
    """Two numbers for each of at least four vectors, the same every time. RequestError for fewer."""
    require(len(unit_ND) >= FEWEST, "--map", f"{len(unit_ND)} words", f"it takes at least {FEWEST}")
    return principal(unit_ND) if how is Projection.pca else neighbouring(unit_ND)


def principal(unit_ND: np.ndarray) -> Projected:
    """Along the first two principal components, each with the sign that makes its largest weight positive."""
    centred_ND = unit_ND - unit_ND.mean(axis=0)
    _, singular, components_KD = np.linalg.svd(centred_ND, full_matrices=False)
    axes_2D = components_KD[:2]
    largest_2 = np.take_along_axis(axes_2D, np.abs(axes_2D).argmax(axis=1)[:, None], axis=1)
    total = float((singular**2).sum())
    share = float((singular[:2] ** 2).sum()) / total if total else 0.0
    points_N2 = np.zeros((len(unit_ND), 2))
    points_N2[:, : len(axes_2D)] = centred_ND @ (axes_2D * np.sign(largest_2)).T
    return Projected(points_N2, f"the two directions of the largest variance; they hold {share:.0%} of it")


def neighbouring(unit_ND: np.ndarray) -> Projected:
    """scikit-learn's t-SNE from the principal components on, its perplexity 30 or less for few words."""
    from sklearn.manifold import TSNE

    perplexity = min(30.0, (len(unit_ND) - 1) / 3)
    points_N2 = TSNE(perplexity=perplexity, init="pca", random_state=0).fit_transform(unit_ND.astype(np.float32))
    return Projected(np.asarray(points_N2, np.float64), f"t-SNE, perplexity {perplexity:.3g}: distances mean little")
