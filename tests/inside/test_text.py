"""Texts: ids as the model knows them, and one line for what it cannot read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.config.compose import compose
from rnnlab.data.contents import Stream
from rnnlab.data.python_source import PythonSource
from rnnlab.data.spec import DataSpec
from rnnlab.data.symbols import BYTES
from rnnlab.errors import RequestError
from rnnlab.inside.text import from_file, held_out


def spec_of(symbols: tuple[str, ...], unit: str = "character") -> DataSpec:
    return DataSpec("stream", symbols, 0, 0, {"train": 10}, 0, unit, "none")


@given(text=st.text("zaé☃\n", min_size=1, max_size=50))
def test_characters_and_ids_name_each_other(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    symbols = ("☃", "\n", "a", "é", "z")
    path = tmp_path_factory.mktemp("text") / "t.txt"
    path.write_bytes(text.encode())
    found = from_file(path, spec_of(symbols))
    assert found.characters == text == "".join(symbols[i] for i in found.symbols_N)
    assert len(from_file(path, spec_of(symbols), 3)) == min(3, len(text))


def test_bytes_are_shown_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_bytes("é\n".encode())
    found = from_file(path, spec_of(BYTES, "byte"))
    assert found.symbols_N.tolist() == [0xC3, 0xA9, 0x0A]
    assert found.characters == "\xc3\xa9\n"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"ab\naB", r"line 2: 'B' \(U\+0042\) is not among the 3 symbols .* \(did you mean 'b'\?\)"),
        (b"", "the file is empty"),
        (b"a\xff", "not UTF-8"),
        (b"a\0", "binary"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_line(content: bytes, line: str, tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_bytes(content)
    with pytest.raises(RequestError, match=line) as refused:
        from_file(path, spec_of(("\n", "a", "b")))
    assert "\n" not in str(refused.value)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no such file"):
        from_file(tmp_path / "absent", spec_of(("a",)))


def test_held_out_is_the_last_part_of_the_data() -> None:
    experiment = compose(["data=python_source"]).experiment
    dataset = PythonSource(experiment.data)
    spec = dataset.prepare()
    found = held_out(experiment.data, spec, 500)
    split = dataset.split("test" if spec.sizes["test"] else "val")
    assert isinstance(split, Stream)
    np.testing.assert_array_equal(found.symbols_N, split.ids[:500])
    assert found.characters == "".join(spec.symbols[i] for i in split.ids[:500])
    assert found.kind == "python_source"


def test_other_data_than_the_run_had_is_refused() -> None:
    experiment = compose(["data=python_source"]).experiment
    with pytest.raises(RequestError, match="other symbols"):
        held_out(experiment.data, spec_of(("a",)))
