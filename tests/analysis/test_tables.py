"""Tables of probes: read back as they were written, and refused in a line where they are anything else."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.analysis.tables import COLUMNS, as_csv, read_table, table_steps
from rnnlab.errors import WorkError
from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.log import RunLog

HEAD = ",".join(COLUMNS["horizon_context"])


def written(root: Path, text: str, name: str = "00000010.csv") -> Path:
    path = root / name
    path.write_bytes(text.encode())
    return path


def test_what_a_run_logged_is_read_back(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "abcd0000")
    folder.path.mkdir()
    columns = {"context": [0, 1], "loss": [3.25, math.inf], "low": [3.0, math.nan], "high": [4.0, 1e-300]}
    with RunLog(folder).open() as log:
        log.start("a run", "tests", {}, {})
        log.table("horizon_context/00000010", columns | {"source": ["model", "n-gram, with a comma"]})
        log.table("horizon_context/00000000", columns | {"source": ["model", "model"]})
    steps = table_steps(folder, "horizon_context")
    assert list(steps) == [0, 10]
    table = read_table(steps[10], "horizon_context")
    assert table.step == 10 and len(table) == 2
    for name, values in columns.items():
        np.testing.assert_array_equal(table[name], np.array(values, dtype=np.float64))
    assert table.texts("source") == ["model", "n-gram, with a comma"]
    assert table.where(source="model", context=0)["loss"].tolist() == [3.25]
    assert len(table.where(source="nobody")) == 0


@given(st.lists(st.floats(allow_nan=True, width=64), max_size=20))
def test_columns_are_written_to_the_last_bit(values: list[float]) -> None:
    lines = as_csv({"x": np.array(values, dtype=np.float64)}).decode().splitlines()
    assert lines[0] == "x"
    np.testing.assert_array_equal([float(line) for line in lines[1:]], values)


def test_other_files_are_no_steps(tmp_path: Path) -> None:
    place = tmp_path / "tables" / "saturation"
    place.mkdir(parents=True)
    for name in (".00000001.csv.tmp", "1.csv.bak", "evil.csv", "-3.csv", "00000002.csv"):
        (place / name).touch()
    (place / "3.csv").mkdir()
    assert list(table_steps(RunFolder(tmp_path), "saturation")) == [2]
    assert table_steps(RunFolder(tmp_path), "gradient_flow") == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: is no horizon_context table: its columns must be context, loss"),
        ("context,loss\n1,2\n", "line 1: is no horizon_context table"),
        (f"{HEAD},loss\n", "line 1"),
        (f"{HEAD}\n1,2,3,4\n", "line 2: is damaged: it has 4 columns of 5"),
        (f"{HEAD}\n1,2,3,4,model\n1,__import__('os'),3,4,model\n", "line 3: is damaged: loss = .* is no number"),
        (f"{HEAD}\n1,2,3,4,{'m' * 201}\n", "line 2: is damaged: source is longer than 200 characters"),
    ],
)
def test_damage_is_named_with_its_line(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(WorkError, match=message) as error:
        read_table(written(tmp_path, text), "horizon_context")
    assert "\n" not in str(error.value) and "00000010.csv" in str(error.value)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"{HEAD}\n{text}".encode()))
def test_whatever_lies_there_is_a_table_or_refused_in_a_line(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "00000010.csv"
        path.write_bytes(content)
        try:
            table = read_table(path, "horizon_context")
        except WorkError as error:
            assert "\n" not in str(error)
        else:
            assert table["loss"].dtype == np.float64


def test_a_field_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkError, match="is damaged"):
        read_table(written(tmp_path, f"{HEAD}\n{'9' * 200_000},2,3,4,model\n"), "horizon_context")


def test_a_link_to_elsewhere_is_no_table(tmp_path: Path) -> None:
    place = tmp_path / "tables" / "saturation"
    place.mkdir(parents=True)
    (tmp_path / "elsewhere").write_text("secret")
    (place / "00000001.csv").symlink_to(tmp_path / "elsewhere")
    assert table_steps(RunFolder(tmp_path), "saturation") == {}


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "00000010.csv"
    path.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(WorkError, match="cannot be read"):
        read_table(path, "horizon_context")


def test_an_absent_number_is_nan(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, f"{HEAD}\n1,2,,,model\n"), "horizon_context")
    assert math.isnan(table["low"][0]) and math.isnan(table["high"][0])
