"""The probe: what scikit-learn's regressions find, on text that neither has seen."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import r2_score, roc_auc_score

from rnnlab.inside.activations import Activations
from rnnlab.inside.finding import linear_probe
from rnnlab.inside.finding.halves import Halves
from rnnlab.inside.finding.labelled import Labelled
from rnnlab.inside.finding.linear_probe import Fit, probe
from rnnlab.inside.reading import Part

N = 8000


@pytest.fixture(scope="module")
def setting() -> tuple[Activations, list[Labelled]]:
    generator = np.random.default_rng(0)
    units = generator.normal(size=(N, 12)).astype(np.float16)
    mixed = units.astype(np.float64) @ generator.normal(size=(12, 3))
    true = (mixed[:, 0] + generator.normal(size=N) > 1).astype(np.float32)
    number = (5 + 3 * mixed[:, 1] + generator.normal(size=N)).astype(np.float32)
    number[::3] = np.nan
    labels = [Labelled("true", "", False, true), Labelled("number", "", True, number)]
    return Activations({Part(0, "h"): units[:, :7], Part(1, "c"): units[:, 7:] * np.float16(3)}), labels


def test_it_tells_what_other_regressions_tell(setting: tuple[Activations, list[Labelled]]) -> None:
    activations, (true, number) = setting
    halves = Halves.of(N)
    said_NF = probe(activations, [true, number], halves)
    x_ND = linear_probe.state(activations, np.arange(N))
    first, second = halves.choosing, halves.scoring
    logistic = LogisticRegression(max_iter=500).fit(x_ND[first], true.values_N[first])
    wanted = roc_auc_score(true.values_N[second], logistic.decision_function(x_ND[second]))
    assert roc_auc_score(true.values_N[second], said_NF[second, 0]) == pytest.approx(wanted, abs=0.005)
    at, to = (places[number.asked_N[places]] for places in (first, second))
    wanted = r2_score(number.values_N[to], LinearRegression().fit(x_ND[at], number.values_N[at]).predict(x_ND[to]))
    assert r2_score(number.values_N[to], said_NF[to, 1]) == pytest.approx(wanted, abs=0.005)


def test_its_gradient_is_that_of_its_loss(setting: tuple[Activations, list[Labelled]]) -> None:
    activations, labels = setting
    places = np.arange(0, N, 20)
    x_nD = linear_probe.state(activations, places)
    fit = Fit(x_nD, labels, places)
    at = np.random.default_rng(1).normal(size=2 * 13) * 0.1
    _, gradient = fit.loss(at, 0.01)
    for place in (0, 5, 12, 13, 25):
        step = np.zeros(26)
        step[place] = 1e-2
        slope = (fit.loss(at + step, 0.01)[0] - fit.loss(at - step, 0.01)[0]) / 2e-2
        assert gradient[place] == pytest.approx(slope, abs=2e-3)
    assert fit.loss(at, 0.01)[0] > fit.loss(at, 0)[0]


def test_the_scoring_half_changes_nothing(setting: tuple[Activations, list[Labelled]]) -> None:
    activations, (true, number) = setting
    halves = Halves.of(N)
    turned = true.values_N.copy()
    turned[halves.scoring] = 1 - turned[halves.scoring]
    other = Labelled("true", "", False, turned)
    np.testing.assert_array_equal(probe(activations, [true], halves), probe(activations, [other], halves))
