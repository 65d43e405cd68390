"""The bench of `find`: stages that add up to the total, and a baseline that ranks the same."""

from __future__ import annotations

import pytest

from rnnlab.bench.find import NETWORK, NULLS, PROBES, REST, find, rows


def test_stages_add_up_and_networks_are_taken_together() -> None:
    found = rows(
        {"labels": 1.0, NETWORK: 2.0, "untrained network 1 reads": 3.0, "untrained network 2 reads": 4.0}, 12.0
    )
    assert {row["stage"]: row["seconds"] for row in found} == {"labels": 1, NETWORK: 2, NULLS: 7, REST: 2}


@pytest.mark.slow
@pytest.mark.usefixtures("workspace")
def test_a_small_one_is_measured() -> None:
    found = find(units=16, characters=8000, features=3, threads=1, seed=0)
    assert found["features"] == 3 and found["characters"] == 8000 and found["units"] == 16
    assert {NETWORK, NULLS, PROBES, REST, "labels", "page"} == {row["stage"] for row in found["rows"]}
    assert sum(row["seconds"] for row in found["rows"]) == pytest.approx(found["total_s"])
    assert all(row["seconds"] >= 0 for row in found["rows"])
    assert found["peak_mib"] > 50 and found["ratio"] == pytest.approx(found["baseline_s"] / found["ranking_s"])


@pytest.mark.parametrize("wrong", [["--units", "1"], ["--symbols", "100"], ["--features", "0"], ["--threads", "-1"]])
def test_wrong_requests(wrong: list[str], cli) -> None:  # type: ignore[no-untyped-def]
    answer = cli("bench", "find", *wrong)
    assert answer.exit_code == 2 and wrong[0] in answer.stderr and "Traceback" not in answer.stderr
