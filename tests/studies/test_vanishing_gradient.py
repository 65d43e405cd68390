"""The study finds the half-lives that gradients were given, and says no more than the runs allow."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.studies.base import Claim, Verdict
from rnnlab.studies.discovery import Examined, examine
from tests.studies.made_up import LAGS, decaying_sweep

CLEAR = {"elman": 0.8, "irnn": 0.9, "lstm": 0.95, "gru": 0.93, "janet": 0.97}


def examined(sweep: SweepRecord) -> Examined:
    found = examine(sweep)
    assert found is not None
    return found


def claims_of(sweep: SweepRecord) -> dict[str, Claim]:
    return {claim.name: claim for claim in examined(sweep).claims}


@pytest.mark.parametrize("name", ["dies_sooner_init", "dies_sooner_trained"])
def test_half_lives_are_those_of_the_decay(name: str, tmp_path: Path) -> None:
    claim = claims_of(decaying_sweep(tmp_path, CLEAR, spread=1e-6))[name]
    assert claim.verdict is Verdict.supported
    rows = {row["cell"]: row for row in claim.rows}
    for cell, factor in CLEAR.items():
        known = math.log(2) / -math.log(factor)
        row = rows[cell]
        assert row["half_life"] == pytest.approx(known, rel=1e-3)
        assert row["half_life_low"] < row["half_life"] < row["half_life_high"]
        assert row["half_life_high"] - row["half_life_low"] < 0.01 * known
        assert row["runs"] == 5
    assert rows["elman"]["half_life_high"] < rows["lstm"]["half_life_low"], "the intervals lie apart"
    assert [rows[cell]["verdict"] for cell in CLEAR] == ["the reference", *["reaches further"] * 4]
    assert rows["lstm, cell state c"]["half_life"] == pytest.approx(rows["lstm"]["half_life"])
    assert "elman 3.11 steps" in claim.answer and "lstm 13.5 steps" in claim.answer


def test_the_same_decay_everywhere_is_no_difference(tmp_path: Path) -> None:
    claims = claims_of(decaying_sweep(tmp_path, dict.fromkeys(CLEAR, 0.9), spread=0.02))
    assert claims["dies_sooner_init"].verdict is Verdict.unclear
    assert claims["dies_sooner_init"].missing == ""
    assert claims["dies_sooner_init"].rows[2]["verdict"] == "not distinguishable at this budget"


def test_the_other_way_round_contradicts(tmp_path: Path) -> None:
    claims = claims_of(decaying_sweep(tmp_path, {"elman": 0.95, "lstm": 0.8}))
    assert claims["dies_sooner_trained"].verdict is Verdict.contradicted


def test_too_few_seeds_are_said_to_be_too_few(tmp_path: Path) -> None:
    claim = claims_of(decaying_sweep(tmp_path, CLEAR, seeds=3))["dies_sooner_init"]
    assert claim.verdict is Verdict.too_few
    assert "A verdict needs 5 runs of each with this number; elman has 3, lstm has 3." in claim.missing
    assert claim.rows[2]["half_life"] is not None and claim.rows[2]["verdict"] == "3 of 5 runs"


def test_gradients_that_explode_have_no_half_life(tmp_path: Path) -> None:
    claim = claims_of(decaying_sweep(tmp_path, {"elman": 0.8, "lstm": 1.05}))["dies_sooner_init"]
    assert claim.verdict is Verdict.supported
    assert claim.rows[1]["half_life"] == math.inf
    assert claim.plain()["rows"][1]["half_life"] == "inf"


def test_reach_and_loss_belong_together_where_they_do(tmp_path: Path) -> None:
    with_loss = claims_of(decaying_sweep(tmp_path / "a", CLEAR))["reach_and_loss"]
    assert with_loss.verdict is Verdict.supported and with_loss.rows[0]["correlation"] < -0.9
    turned = {cell: factor for cell, factor in CLEAR.items()}
    against = claims_of(decaying_sweep(tmp_path / "b", CLEAR, losses=turned))["reach_and_loss"]
    assert against.verdict is Verdict.contradicted
    few = claims_of(decaying_sweep(tmp_path / "c", {"elman": 0.8, "lstm": 0.9}))["reach_and_loss"]
    assert few.verdict is Verdict.too_few and "5 cells" in few.missing


def test_a_sweep_that_goes_on_shows_what_is_there(tmp_path: Path) -> None:
    states = {("lstm", 2): "running", ("lstm", 3): "waiting", ("lstm", 4): "waiting", ("gru", 0): "diverged"}
    found = examined(decaying_sweep(tmp_path, CLEAR, states=states))
    lacking = "cell=lstm seed=2 (interrupted), cell=lstm seed=3 (waiting), cell=lstm seed=4 (waiting)"
    assert found.missing[0] == f"Without a complete run: {lacking}, cell=gru seed=0 (diverged)."
    claims = {claim.name: claim for claim in found.claims}
    assert "lstm has 3" in claims["dies_sooner_init"].missing, "a run that has begun has a table of step 0"
    assert "lstm has 2" in claims["dies_sooner_trained"].missing
    assert claims["dies_sooner_trained"].rows[2]["half_life"] is not None, "what is there is shown"
    shares = next(figure for figure in found.figures if figure.name == "diverged").columns
    assert dict(zip(shares["option"], shares["count"], strict=True)) == dict.fromkeys(CLEAR, 0) | {"gru": 1}


def test_no_tables_are_named_with_the_way_out(tmp_path: Path) -> None:
    sweep = decaying_sweep(tmp_path, CLEAR)
    for path in tmp_path.glob("*/tables/gradient_decay/*.csv"):
        path.unlink()
    found = examined(sweep)
    assert any("No gradient_decay table at initialisation: cell=elman seed=0" in line for line in found.missing)
    assert {claim.verdict for claim in found.claims} == {Verdict.too_few}


def test_a_damaged_table_is_left_out_and_named(tmp_path: Path) -> None:
    sweep = decaying_sweep(tmp_path, CLEAR)
    path = tmp_path / sweep.runs[0].id / "tables" / "gradient_decay" / "00000000.csv"
    path.write_text("layer\n$(rm)\n")
    found = examined(sweep)
    assert [line for line in found.missing if line.startswith("Left out:") and str(path) in line]
    assert found.claims[0].rows[0]["runs"] == 4


def test_each_figure_is_there_with_its_numbers(tmp_path: Path) -> None:
    figures = {figure.name: figure for figure in examined(decaying_sweep(tmp_path, CLEAR)).figures}
    wanted = {"gradient_lag_h", "gradient_lag_c", "gradient_back_in_time", "gradient_maps", "singular_values"}
    assert wanted | {"lyapunov", "saturation", "reach_and_loss", "success", "diverged"} <= set(figures)
    lags = figures["gradient_lag_h"].columns
    chosen = (lags["option"] == "elman") & (lags["when"] == "after training")
    assert lags["lag"][chosen].tolist() == list(range(LAGS))
    slope = lags["log10_norm"][chosen][-1] / (LAGS - 1)
    assert slope == pytest.approx(math.log10(0.8), abs=2e-3), "of the last layer, not of the first"
    assert (lags["low"] <= lags["log10_norm"]).all() and (lags["log10_norm"] <= lags["high"]).all()
    assert set(figures["gradient_lag_c"].columns["option"]) == {"lstm"}
    assert sorted(set(figures["gradient_maps"].columns["step"])) == [0, 100, 1000]
