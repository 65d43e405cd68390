"""Discovery: a unit that was planted is found first, and nothing in networks that were never trained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from rnnlab.errors import RequestError
from rnnlab.features.base import Source
from rnnlab.features.languages import Language
from rnnlab.inside.activations import state_parts
from rnnlab.inside.finding.choosing import labelled
from rnnlab.inside.finding.discovery import Method, discover, tellable
from rnnlab.inside.finding.findings import FOUND, Discovery
from rnnlab.inside.finding.halves import Halves
from rnnlab.inside.finding.labelled import Labelled
from rnnlab.inside.finding.null import untrained_p
from rnnlab.inside.finding.ranking import strengths
from rnnlab.inside.finding.scoring import auc_interval
from rnnlab.inside.finding.untrained import untrained
from rnnlab.inside.units import UnitAddress
from rnnlab.models.tasks.language_model import LanguageModel
from tests.inside.planted import (
    UNIT,
    built,
    characters_of,
    experiment,
    inside_quotes,
    planted,
    planted_text,
    spec,
)

CHARACTERS = 8000


def labels_of(ids: np.ndarray) -> list[Labelled]:
    known = labelled(Source(characters_of(ids), Language.text))
    return tellable(known, Halves.of(len(ids)), (), lambda line: None)


def discovered(model: LanguageModel, ids: np.ndarray, others: Sequence[int], **settings: int) -> Discovery:
    untrained_ones = (untrained(experiment(), spec(), number) for number in others)
    return discover(model, ids, labels_of(ids), state_parts(model.stack), untrained_ones, Method(**settings))


@pytest.fixture(scope="module")
def planted_discovery() -> Discovery:
    torch.set_num_threads(1)
    return discovered(planted(), planted_text(CHARACTERS), range(1, 6))


def test_a_planted_unit_is_first_and_perfect(planted_discovery: Discovery) -> None:
    first = planted_discovery.findings[0]
    assert first.name == "quotes" and first.verdict == FOUND and first.sign == 1
    assert first.unit == UnitAddress(0, "h", UNIT)
    assert first.best.score[:3] == (1, 1, 1) and first.best.f1 == 1
    assert first.p_shift == 1 / 1000 and first.q < 0.05
    assert max(first.untrained) < 0.95 < first.probe.score.estimate
    np.testing.assert_array_equal(first.label.values_N, inside_quotes(planted_text(CHARACTERS)))


def test_every_number_of_a_finding_is_from_text_that_the_choice_never_saw(planted_discovery: Discovery) -> None:
    halves, activations = planted_discovery.halves, planted_discovery.activations
    for finding in planted_discovery.findings:
        number = [label.name for label in planted_discovery.labels].index(finding.name)
        chosen = max(
            np.abs(strengths(values, [finding.label], halves.choosing)).max() for values in activations.values.values()
        )
        column = activations.of(finding.unit)[:, None].astype(np.float16)
        of_choice = strengths(column, [finding.label], halves.choosing)[0, 0]
        assert of_choice * finding.sign == pytest.approx(chosen, abs=2e-5)
        scored = strengths(column, [finding.label], halves.scoring)[0, 0]
        assert finding.strength == pytest.approx(scored * finding.sign, abs=1e-9)
        assert planted_discovery.scoring[finding.unit.part][number, finding.unit.unit] == pytest.approx(
            scored, abs=2e-5
        )
        if not finding.label.number:
            assert finding.best.score.estimate == pytest.approx((1 + finding.strength) / 2, abs=1e-6)
        assert finding.alike == pytest.approx(max(0, finding.strength) ** 2 if finding.label.number
                                              else (1 + finding.strength) / 2, abs=2e-5)  # fmt: skip


def test_untrained_networks_read_a_part_where_they_are_told_to() -> None:
    found = discovered(planted(), planted_text(CHARACTERS), (1, 2), null_symbols=4000)
    assert found.null_symbols == 4000
    assert found.findings[0].name == "quotes" and found.findings[0].alike == 1


def test_units_beside_the_planted_one_tell_less(planted_discovery: Discovery) -> None:
    best = planted_discovery.by_part(planted_discovery.findings[0])
    assert best["0:h"][0] == UnitAddress(0, "h", UNIT) and best["0:c"][0] == UnitAddress(0, "c", UNIT)


def test_a_feature_too_rare_for_either_half() -> None:
    ids = planted_text(CHARACTERS)
    rare = Labelled("rare", "", False, (np.arange(CHARACTERS) < 30).astype(np.float32))
    said: list[str] = []
    kept = tellable([rare, *labels_of(ids)], Halves.of(CHARACTERS), (), said.append)
    assert "rare" not in [label.name for label in kept] and "too rare" in said[0]
    with pytest.raises(RequestError, match="--feature rare: too rare"):
        tellable([rare], Halves.of(CHARACTERS), ("rare",), said.append)
    with pytest.raises(RequestError, match="no feature"):
        tellable([rare], Halves.of(CHARACTERS), (), said.append)


@pytest.mark.slow
def test_nothing_is_found_in_untrained_networks() -> None:
    """Each of five seeds against five others, on all features of the text, at a false discovery rate of 0.05."""
    ids = planted_text(20_000, seed=1)
    for seed in range(5):
        found = discovered(built(seed=100 + seed), ids, range(10 * seed + 1, 10 * seed + 6))
        assert [finding.name for finding in found.found] == []
        assert len(found.findings) >= 5


@pytest.mark.slow
def test_the_second_null_holds_its_level() -> None:
    """Thirty untrained networks, each against five of the others: about a tenth has a p-value below 0.1."""
    from rnnlab.inside.activations import collect
    from rnnlab.inside.finding.choosing import held_out

    ids = planted_text(8000, seed=2)
    labels, halves = labels_of(ids), Halves.of(8000)
    drawn = []
    for seed in range(30):
        model = built(seed=seed)
        chosen = held_out(collect(model, ids, state_parts(model.stack)), labels, halves)
        drawn.append([each.strength for each in chosen])
    generator = np.random.default_rng(0)
    ps = []
    for own in range(30):
        others = generator.choice([each for each in range(30) if each != own], 5, replace=False)
        ps += [untrained_p(drawn[own][i], [drawn[each][i] for each in others]) for i in range(len(labels))]
    assert np.mean(np.array(ps) <= 0.1) <= 0.16


def test_intervals_need_no_more_than_the_scoring_half(planted_discovery: Discovery) -> None:
    finding = next(each for each in planted_discovery.findings if each.name == "word")
    half = planted_discovery.halves.scoring
    values = finding.sign * planted_discovery.activations.of(finding.unit)[half]
    again = auc_interval(values, finding.label.values_N[half], half // planted_discovery.halves.block)
    assert again == finding.best.score
