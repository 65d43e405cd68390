"""The utterances of nine speakers, from the file of an installed package and in the form that UCI publishes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rnnlab.data import japanese_vowels
from rnnlab.data.installed import shipped
from rnnlab.data.japanese_vowels import INSIDE, PACKAGE, TEST, TRAINING, JapaneseVowels, from_ts, from_uci, read
from rnnlab.errors import RequestError


def vowels() -> JapaneseVowels:
    return JapaneseVowels(JapaneseVowels.Config(name="japanese_vowels"))


def uci_text(counts: tuple[int, ...], seed: int) -> str:
    """Made-up utterances in UCI's form; the first coefficient of speaker s lies around s."""
    generator = np.random.default_rng(seed)
    blocks = []
    for speaker, count in enumerate(counts):
        for _ in range(count):
            frames = generator.normal(0, 0.1, (generator.integers(7, 30), 12))
            frames[:, 0] += speaker
            blocks.append("\n".join(" ".join(f"{value:.6f}" for value in frame) for frame in frames))
    return "\n\n".join(blocks) + "\n\n"


@pytest.fixture
def published(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As on a machine without the package, with UCI's two files."""
    monkeypatch.setattr(japanese_vowels, "shipped", lambda package, *path: None)
    monkeypatch.setenv("RNNLAB_DATA", str(tmp_path / "own"))
    folder = tmp_path / "own" / "japanese_vowels"
    folder.mkdir(parents=True)
    for name, counts in (("train", TRAINING), ("test", TEST)):
        (folder / f"ae.{name}").write_text(uci_text(counts, len(name)))
    return folder


def test_the_split_and_the_units(published: Path) -> None:
    dataset = vowels()
    spec = dataset.prepare()
    assert spec.sizes == {"train": 225, "val": 45, "test": 370} and spec.label_counts == (25,) * 9
    for name, each in (("train", [25] * 9), ("val", [5] * 9), ("test", list(TEST))):
        part = dataset.split(name)
        assert np.bincount(part.labels).tolist() == each
        first = [row[:length, 0].mean() for row, length in zip(part.inputs, part.lengths, strict=True)]
        assert np.corrcoef(first, part.labels)[0, 1] > 0.99
        padding = np.arange(spec.max_length) >= part.lengths[:, None]
        assert (part.inputs[padding] == 0).all()
    train = dataset.split("train")
    frames = np.concatenate([row[:length] for row, length in zip(train.inputs, train.lengths, strict=True)])
    np.testing.assert_allclose(frames.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(frames.std(axis=0), 1, atol=1e-5)


def test_another_file_is_refused(published: Path) -> None:
    text = (published / "ae.train").read_text()
    (published / "ae.train").write_text(text.partition("\n\n")[2])
    with pytest.raises(RequestError, match=r"ae.train: not the published file \(269 utterances, not 270\)"):
        vowels().prepare()
    (published / "ae.train").write_text(text.replace(" ", " 1.0 ", 1))
    with pytest.raises(RequestError, match=r"ae.train: not the published file \(setting an array|.*inhomogeneous"):
        vowels().prepare()


def test_both_forms_say_the_same() -> None:
    """One utterance of each speaker, written in either form by hand."""
    frames = [np.arange(24.0).reshape(2, 12) + speaker for speaker in range(9)]
    uci = "\n\n".join("\n".join(" ".join(map(str, frame)) for frame in item) for item in frames)
    lines = [
        ":".join([*(",".join(map(str, channel)) for channel in item.T), str(speaker + 1)])
        for speaker, item in enumerate(frames)
    ]
    ts = "@problemName x\n@data\n" + "\n".join(lines)
    for (one, speaker), (other, same) in zip(from_uci(uci, (1,) * 9), from_ts(ts), strict=True):
        assert speaker == same and np.array_equal(one, other)


def test_the_files_of_the_package() -> None:
    file = shipped(PACKAGE, *INSIDE, "JapaneseVowels_TEST.ts")
    if file is None:
        pytest.skip(f"{PACKAGE} is not on this machine")
    items = read(file, TEST)
    lengths = [len(frames) for frames, _ in items]
    assert len(items) == 370 and (min(lengths), max(lengths)) == (7, 29)
