"""What differs between two runs, as dictionaries and as folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.analysis.compare import ABSENT, compare_runs, differences, flatten
from rnnlab.errors import RequestError
from rnnlab.tracking.folder import RunFolder

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
NESTED = st.recursive(
    SCALARS, lambda inner: st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=4), max_leaves=12
)
CONFIGS = st.dictionaries(st.text("abc", min_size=1, max_size=3), NESTED, max_size=4)


@given(CONFIGS)
def test_nothing_differs_from_itself(config: dict[str, Any]) -> None:
    assert differences(config, config) == {}


@given(CONFIGS, CONFIGS)
def test_the_other_way_round_is_the_same_mirrored(a: dict[str, Any], b: dict[str, Any]) -> None:
    forth, back = differences(a, b), differences(b, a)
    assert {key: (two, one) for key, (one, two) in back.items()}.keys() == forth.keys()
    for key, (one, two) in forth.items():
        assert repr(back[key]) == repr((two, one))


def test_nested_keys_are_dotted() -> None:
    assert flatten({"cell": {"name": "lstm", "gates": {}}, "seeds": [1, 2]}) == {
        "cell.name": "lstm",
        "cell.gates": {},
        "seeds": [1, 2],
    }


def test_what_counts_as_a_difference() -> None:
    a = {"cell": {"name": "lstm", "hidden": 64}, "lr": 1, "flag": True, "loss": float("nan"), "only": 1, "created": 1}
    b = {"cell": {"name": "gru", "hidden": 64}, "lr": 1.0, "flag": 1, "loss": float("nan"), "new": [2], "created": 2}
    assert differences(a, b, aside=("created",)) == {
        "cell.name": ("lstm", "gru"),
        "flag": (True, 1),
        "only": (1, ABSENT),
        "new": (ABSENT, [2]),
    }


def make_run(root: Path, id: str, cell: str, result: dict[str, Any] | None) -> RunFolder:
    run = RunFolder.create(id, root=root)
    (run.path / "config.yaml").write_text(yaml.safe_dump({"cell": {"name": cell}, "seed": 0}))
    run.write_json("environment.json", {"created": id, "versions": {"torch": "2.13.0"}, "threads": len(id)})
    if result is not None:
        run.write_json("result.json", {"run_id": id, **result})
    return run


def test_two_runs(tmp_path: Path) -> None:
    a = make_run(tmp_path, "a", "lstm", {"weights_sha256": "1", "metrics": {"val/loss": 1.5, "seconds": 2.0}})
    b = make_run(tmp_path, "bb", "gru", {"weights_sha256": "2", "metrics": {"val/loss": 1.25, "seconds": 2.0}})
    found = compare_runs(a, b)
    assert found.configuration == {"cell.name": ("lstm", "gru")}
    assert found.environment == {"threads": (1, 2)}
    assert found.results == {"weights_sha256": ("1", "2"), "metrics.val/loss": (1.5, 1.25)}
    assert found.same_weights is False
    assert compare_runs(a, a).same_weights is True


def test_a_run_that_is_not_done_has_no_results(tmp_path: Path) -> None:
    a = make_run(tmp_path, "a", "lstm", None)
    b = make_run(tmp_path, "b", "lstm", {"weights_sha256": "2"})
    found = compare_runs(a, b)
    assert found.results == {"weights_sha256": (ABSENT, "2")}
    assert found.same_weights is None


def test_a_run_without_configuration_is_named(tmp_path: Path) -> None:
    empty = RunFolder.create("empty", root=tmp_path)
    with pytest.raises(RequestError, match="run empty: has no config.yaml"):
        compare_runs(empty, empty)
