"""The cost of probing: rounds in turn, ratios by rounds, and what a run without probes imports."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from rnnlab.bench import probes as bench


class Clock:
    """Stands in for training: a machine that gets slower with every run, on which probes cost a tenth."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, bool]] = []

    def __call__(self, words: list[str]) -> float:
        cell, size = (word.partition("=")[2] for word in words[:2])
        probed = "probe=all" in words
        self.asked.append((cell, int(size), probed))
        return (1.1 if probed else 1.0) * 1.01 ** len(self.asked)


def test_rounds_turn_and_ratios_are_of_the_runs_of_a_round() -> None:
    clock, said = Clock(), []
    found = bench.probes(100, 4, 1, said.append, clock)
    warm_up = [(*who, probed) for probed in (False, True) for who in bench.CONTENDERS]
    assert clock.asked[:6] == warm_up
    for row, start in zip(found["rows"], (6, 14, 22), strict=True):
        order = [probed for *_, probed in clock.asked[start : start + 8]]
        assert order == [False, True, True, False, False, True, True, False]
        assert {asked[:2] for asked in clock.asked[start : start + 8]} == {(row["cell"], row["hidden_size"])}
        assert row["ratio"] == pytest.approx(1.1, rel=1e-3), "the drift of the machine cancels over the turns"
        assert row["ratio_quarter"] == pytest.approx(1.1 / 1.01, rel=1e-9)
        assert row["ratio_three_quarters"] == pytest.approx(1.1 * 1.01, rel=1e-9)
        assert row["rounds"] == 4 and row["probing_s"] > 0
    assert len(clock.asked) == 30 and len(said) == 3


def test_what_a_run_without_probes_imports_is_seen_before_any_run_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in bench.probe_modules():
        monkeypatch.delitem(sys.modules, name)
    saturation = "rnnlab.probes.saturation"

    def imports(probed_only: bool) -> list[str]:
        def timed(words: list[str]) -> float:
            if "probe=all" in words or not probed_only:
                monkeypatch.setitem(sys.modules, saturation, ModuleType(saturation))
            return 1.0

        found = bench.probes(1, 2, 1, lambda line: None, timed)["imported_when_off"]
        monkeypatch.delitem(sys.modules, saturation)
        return found

    assert imports(probed_only=True) == []
    assert imports(probed_only=False) == [saturation]


def test_the_settings_and_the_base_of_probes_are_no_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    before = bench.probe_modules()
    for name in ("rnnlab.probes.probing", "rnnlab.probes.base"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    assert bench.probe_modules() == before


@pytest.mark.usefixtures("workspace", "raw_data")
def test_a_run_is_timed_in_a_folder_that_is_gone_afterwards(tmp_path) -> None:  # type: ignore[no-untyped-def]
    for cell, size in bench.CONTENDERS[:2]:
        assert bench.seconds_of(bench.overrides(cell, size, 2, 1)) > 0
    assert not (tmp_path / "runs").exists() and not list(tmp_path.glob("*.db"))


@pytest.mark.parametrize("wrong", [["--repeat", "1"], ["--steps", "0"], ["--threads", "-1"]])
def test_wrong_requests(wrong: list[str], cli) -> None:  # type: ignore[no-untyped-def]
    answer = cli("bench", "probes", *wrong)
    assert answer.exit_code == 2 and wrong[0] in answer.stderr and "Traceback" not in answer.stderr
