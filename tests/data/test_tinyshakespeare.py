from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.data.tinyshakespeare import TinyShakespeare
from rnnlab.errors import RequestError


def test_the_split_of_the_literature(raw_data: Path, cache: Path) -> None:
    if TinyShakespeare.place() is None:
        pytest.skip("tinyshakespeare is not on this machine")
    dataset = TinyShakespeare(TinyShakespeare.Config())
    spec = dataset.prepare()
    assert spec.sizes == {"train": 1_003_854, "val": 111_540, "test": 0}
    assert spec.vocabulary == 65 and spec.symbols[:3] == ("\n", " ", "!")
    start = "".join(spec.symbols[i] for i in dataset.split("train").ids[:14])
    assert start == "First Citizen:"


def test_another_file_under_its_name_is_refused(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tinyshakespeare").mkdir()
    (tmp_path / "tinyshakespeare" / "input.txt").write_text("to be or not")
    monkeypatch.setenv("RNNLAB_DATA", str(tmp_path))
    with pytest.raises(RequestError) as caught:
        TinyShakespeare(TinyShakespeare.Config()).prepare()
    line = str(caught.value)
    assert "\n" not in line and "tinyshakespeare/input.txt: its sha256 is" in line
    assert "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed" in line
