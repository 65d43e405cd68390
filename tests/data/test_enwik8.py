from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from rnnlab.data import enwik8
from rnnlab.data.enwik8 import Enwik8
from rnnlab.errors import RequestError

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small archive in the place of the real one, with its own checksums."""
    path = tmp_path / "data" / "enwik8" / "enwik8.zip"
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w") as container:
        container.writestr("../outside", "never read")
        container.writestr("enwik8", CONTENT)
    monkeypatch.setenv("RNNLAB_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(enwik8, "SIZE", len(CONTENT))
    expect(monkeypatch, "ARCHIVE", path.read_bytes())
    expect(monkeypatch, "UNPACKED", CONTENT)
    return path


def expect(monkeypatch: pytest.MonkeyPatch, file: str, content: bytes) -> None:
    changed = replace(getattr(enwik8, file), sha256=hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(enwik8, file, changed)


def test_the_one_member_is_unpacked_and_split_as_the_literature_has_it(archive: Path, cache: Path) -> None:
    dataset = Enwik8(Enwik8.Config())
    spec = dataset.prepare()
    assert spec.unit == "byte" and spec.vocabulary == 256
    assert spec.sizes == {"train": 9216, "val": 512, "test": 512}
    assert b"".join(dataset.split(name).ids.tobytes() for name in spec.sizes) == CONTENT
    raw = cache / "raw" / "enwik8"
    assert sorted(path.name for path in raw.iterdir() if path.suffix != ".lock") == ["enwik8"]
    archive.unlink()
    assert Enwik8(Enwik8.Config()).prepare() == spec


def test_an_archive_with_another_text_is_refused(archive: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expect(monkeypatch, "UNPACKED", b"what was published")
    with pytest.raises(RequestError, match="enwik8.zip holds another text"):
        Enwik8(Enwik8.Config()).prepare()
    assert not (cache / "raw" / "enwik8" / "enwik8").exists()


def test_no_room_to_unpack(archive: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enwik8, "SIZE", 10**18)
    with pytest.raises(RequestError, match="bytes are needed and .* are free"):
        Enwik8(Enwik8.Config()).prepare()


def test_the_published_sizes_split_in_millions() -> None:
    from rnnlab.data.text_stream import bounds

    parts = bounds(100_000_000, Enwik8.parts)
    assert parts == {
        "train": (0, 90_000_000),
        "val": (90_000_000, 95_000_000),
        "test": (95_000_000, 100_000_000),
    }
