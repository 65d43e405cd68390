"""What the whole state knows of each feature, as far as a straight cut through it can tell.

A linear probe (Alain & Bengio 2017; van der Ouderaa 2017 on recurrent networks): for a feature that is true or
false a logistic regression, for a number a linear one, on all units at once. It shows whether the network knows more
than its best unit says, that is whether the knowledge is spread over many units.

Each probe is fitted on three of four blocks of the choosing half, for several strengths of the penalty on its
weights, and the one that does best on the fourth is kept. The scoring half is seen by none of this. All features are
fitted together by L-BFGS (Liu & Nocedal 1989): their sum is least where each of them is.

Shapes: n places, D units of the whole state, F features.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnlab.inside.activations import Activations
from rnnlab.inside.finding.halves import Halves
from rnnlab.inside.finding.labelled import Labelled
from rnnlab.inside.finding.ranking import product, strengths

FITTED, TUNED = 20_000, 8_000
"""Characters that probes are fitted and compared on, at most."""
PENALTIES = (1e-2, 1e-3)
"""Beside the mean loss; each goes on from the solution of the one before."""
ITERATIONS = 40
AT_ONCE = 8192
EVERY = 4
"""One of so many blocks of the choosing half compares the penalties."""


def probe(activations: Activations, labels: Sequence[Labelled], halves: Halves) -> np.ndarray:
    """What the probes say at every character: the log of the odds, or the number; float32 (N, F)."""
    block = halves.choosing // halves.block // 2
    fitted = thinned(halves.choosing[block % EVERY != EVERY - 1], FITTED)
    tuned = thinned(halves.choosing[block % EVERY == EVERY - 1], TUNED)
    x_nD, x_tD = state(activations, fitted), state(activations, tuned)
    mean_D = x_nD.mean(axis=0)
    x_nD -= mean_D
    deviation_D = np.sqrt(np.einsum("nd,nd->d", x_nD, x_nD) / len(x_nD))  # without a copy as large as all
    deviation_D[deviation_D < 1e-6] = 1
    x_nD /= deviation_D
    x_tD -= mean_D
    x_tD /= deviation_D
    weights_FD, bias_F = best_weights(x_nD, x_tD, labels, fitted, tuned)
    weights_FD /= deviation_D
    bias_F -= weights_FD @ mean_D
    N = len(next(iter(activations.values.values())))
    chunks = (np.arange(at, min(at + AT_ONCE, N)) for at in range(0, N, AT_ONCE))
    said = [product(state(activations, places), weights_FD.T) for places in chunks]
    return np.concatenate(said) + bias_F


def best_weights(
    x_nD: np.ndarray, x_tD: np.ndarray, labels: Sequence[Labelled], fitted: np.ndarray, tuned: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """For each feature the weights (F, D) and biases (F,) of the penalty that does best on the ``tuned`` places."""
    fit = Fit(x_nD, labels, fitted)
    places = np.arange(len(tuned))
    at_tuned = [label.at(tuned) for label in labels]
    best_F = np.full(len(labels), -np.inf)
    weights_FD, bias_F = np.zeros((len(labels), x_nD.shape[1]), np.float32), np.zeros(len(labels), np.float32)
    for penalty in PENALTIES:
        trial_FD, trial_F = fit.least(penalty)
        said_tF = (product(x_tD, trial_FD.T) + trial_F).astype(np.float16)
        done_F = np.array([strengths(said_tF[:, [i]], [label], places)[0, 0] for i, label in enumerate(at_tuned)])
        better = done_F > best_F
        best_F[better], weights_FD[better], bias_F[better] = done_F[better], trial_FD[better], trial_F[better]
    return weights_FD, bias_F


class Fit:
    """The loss of all features, each its mean over the places where it is asked for, and its weights so far."""

    def __init__(self, x_nD: np.ndarray, labels: Sequence[Labelled], places: np.ndarray) -> None:
        values_nF = np.stack([label.values_N[places] for label in labels], axis=1)
        asked_nF = ~np.isnan(values_nF)
        self.x_nD = x_nD
        self.share_nF = (asked_nF / np.maximum(1, asked_nF.sum(axis=0))).astype(np.float32)
        self.number_F = np.array([label.number for label in labels])
        known_nF = np.where(asked_nF, values_nF, 0)
        # Numbers are fitted in units of their own deviation, so that one penalty means the same for all.
        mean_F = (known_nF * self.share_nF).sum(axis=0)
        deviation_F = np.sqrt(((known_nF - mean_F) ** 2 * self.share_nF).sum(axis=0))
        self.mean_F = np.where(self.number_F, mean_F, 0).astype(np.float32)
        self.unit_F = np.where(self.number_F & (deviation_F > 0), deviation_F, 1).astype(np.float32)
        self.y_nF = (known_nF - self.mean_F) / self.unit_F
        self.weights = np.zeros((len(labels), x_nD.shape[1] + 1))

    def least(self, penalty: float) -> tuple[np.ndarray, np.ndarray]:
        """Weights (F, D) and biases (F,) with the least loss and penalty, as far as some iterations go."""
        from scipy.optimize import minimize

        found = minimize(
            self.loss, self.weights.ravel(), (penalty,), "L-BFGS-B", jac=True, options={"maxiter": ITERATIONS}
        )
        self.weights = found.x.reshape(self.weights.shape)
        weights = self.weights.astype(np.float32) * self.unit_F[:, None]
        return weights[:, :-1], weights[:, -1] + self.mean_F

    def loss(self, flat: np.ndarray, penalty: float) -> tuple[float, np.ndarray]:
        """Of weights (F, D + 1), the bias last, as one vector: the sum over features, and its gradient."""
        from scipy.special import expit

        weights = flat.reshape(self.weights.shape).astype(np.float32)
        z_nF = product(self.x_nD, weights[:, :-1].T) + weights[:, -1]
        # The derivative of either loss by z: what is said, less what is so.
        off_nF = np.where(self.number_F, z_nF, expit(z_nF)) - self.y_nF
        logistic_nF = np.maximum(z_nF, 0) + np.log1p(np.exp(-np.abs(z_nF))) - self.y_nF * z_nF
        each_nF = np.where(self.number_F, off_nF**2 / 2, logistic_nF) * self.share_nF
        off_nF *= self.share_nF
        gradient = np.concatenate(
            [product(off_nF.T, self.x_nD) + penalty * weights[:, :-1], off_nF.sum(axis=0)[:, None]], axis=1
        )
        total = float(each_nF.sum(dtype=np.float64)) + penalty / 2 * float(np.square(weights[:, :-1]).sum())
        return total, gradient.astype(np.float64).ravel()


def state(activations: Activations, places: np.ndarray) -> np.ndarray:
    """All units side by side: float32 (n, D)."""
    widths = [values_NH.shape[1] for values_NH in activations.values.values()]
    x_nD = np.empty((len(places), sum(widths)), dtype=np.float32)
    ends = np.cumsum(widths)
    for end, width, values_NH in zip(ends, widths, activations.values.values(), strict=True):
        x_nD[:, end - width : end] = values_NH[places]
    return x_nD


def thinned(places: np.ndarray, most: int) -> np.ndarray:
    """At most so many of the places, evenly spread."""
    if len(places) <= most:
        return places
    return places[np.linspace(0, len(places) - 1, most).round().astype(int)]
