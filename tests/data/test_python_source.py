from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.data.python_source import PythonSource
from rnnlab.errors import RequestError

pytestmark = pytest.mark.usefixtures("cache")


def source(max_bytes: int) -> PythonSource:
    return PythonSource(PythonSource.Config(name="python_source", max_bytes=max_bytes))


def test_whole_modules_in_order_up_to_the_cap() -> None:
    files = source(300_000).files()
    assert files == sorted(files) and len(files) > 3
    assert sum(path.stat().st_size for path in files) <= 300_000
    more = source(2_000_000).files()
    assert more[: len(files)] == files
    assert sum(path.stat().st_size for path in more[: len(files) + 1]) > 300_000


def test_each_module_is_a_document() -> None:
    dataset = source(300_000)
    spec = dataset.prepare()
    train = dataset.split("train")
    second = dataset.files()[1].read_text(encoding="utf-8")
    start = train.documents[1]
    assert "".join(spec.symbols[i] for i in train.ids[start : start + 200]) == second[:200]


def test_modules_of_another_encoding_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text("first = 1\n")
    (tmp_path / "b.py").write_bytes("# coding: latin-1\nname = 'größe'\n".encode("latin-1"))
    monkeypatch.setattr("sysconfig.get_paths", lambda: {"stdlib": str(tmp_path)})
    assert [path.name for path in source(1000).files()] == ["a.py"]


def test_cap_below_the_first_module() -> None:
    with pytest.raises(RequestError, match="data.max_bytes = 10: the first file alone has"):
        source(10).prepare()
    with pytest.raises(RequestError, match="data.max_bytes = 0"):
        source(0)
