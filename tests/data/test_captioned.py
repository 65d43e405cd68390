"""Flickr8k and COCO in tiny folders of the usual files: what is read, how it is split, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.data.captioned import Captioned
from rnnlab.data.coco import Coco
from rnnlab.data.contents import Sequences
from rnnlab.data.flickr8k import SPLIT_LISTS, TOKENS, Flickr8k
from rnnlab.data.windows import SequenceBatches
from rnnlab.errors import RequestError

image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")

SIDE = 16
COLOURS = {"a": (255, 0, 0), "b": (0, 255, 0), "c": (0, 0, 255), "d": (255, 255, 0), "e": (0, 255, 255)}
PARTS = {"train": ("a", "b", "c"), "val": ("d",), "test": ("e",)}
SAID = {
    "a": ["A red square.", "The square is red!"],
    "b": ["A green square ."],
    "c": ["A blue square", "A man's blue square"],
    "d": ["A yellow square .", "A square", "yellow"],
    "e": ["A cyan square ."],
}


def paint(folder: Path, names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        image.new("RGB", (40, 24), COLOURS[name]).save(folder / f"{name}.png")


def tokens(folder: Path) -> Path:
    """Flickr8k as it was first distributed."""
    paint(folder / "Flicker8k_Dataset", "abcde")
    lines = [f"{name}.png#{number}\t{text}" for name, said in SAID.items() for number, text in enumerate(said)]
    (folder / TOKENS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    for split, file in SPLIT_LISTS.items():
        (folder / file).write_text("".join(f"{name}.png\n" for name in PARTS[split]), encoding="utf-8")
    return folder


def karpathy(folder: Path, **more: Any) -> dict[str, Any]:
    """The object of a split file; ``more`` goes into each entry."""
    return {
        "images": [
            {"filename": f"{name}.png", "split": split, "sentences": [{"raw": text} for text in SAID[name]], **more}
            for split, names in PARTS.items()
            for name in names
        ]
    }


def flickr_by_karpathy(folder: Path) -> Path:
    paint(folder / "Images", "abcde")
    (folder / "dataset_flickr8k.json").write_text(json.dumps(karpathy(folder)), encoding="utf-8")
    return folder


def annotations(folder: Path) -> Path:
    """COCO 2017: two pictures of its val part become one of val and one of test."""
    for part, names in {"train": "abc", "val": "de"}.items():
        paint(folder / f"{part}2017", names)
        entries = [{"id": ord(name), "file_name": f"{name}.png"} for name in reversed(names)]
        said = [{"image_id": ord(name), "caption": text} for name in names for text in SAID[name]]
        (folder / "annotations").mkdir(exist_ok=True)
        path = folder / "annotations" / f"captions_{part}2017.json"
        path.write_text(json.dumps({"images": entries, "annotations": said}), encoding="utf-8")
    return folder


def coco_by_karpathy(folder: Path) -> Path:
    paint(folder / "train2014", "abcde")
    paint(folder / "val2014", "abcde")
    split = karpathy(folder, filepath="val2014")
    split["images"][0]["split"] = "restval"
    (folder / "dataset_coco.json").write_text(json.dumps(split), encoding="utf-8")
    return folder


LAYOUTS = [(Flickr8k, tokens), (Flickr8k, flickr_by_karpathy), (Coco, annotations), (Coco, coco_by_karpathy)]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / "cache"))


def dataset(kind: type[Captioned], folder: Path, **settings: Any) -> Captioned:
    config = kind.Config(name=kind.option(), path=str(folder), side=SIDE, least=2, longest=4, **settings)
    return kind(config)


@pytest.mark.parametrize(("kind", "layout"), LAYOUTS)
def test_pictures_and_sentences_of_every_layout(
    tmp_path: Path, kind: type[Captioned], layout: Callable[[Path], Path]
) -> None:
    made = dataset(kind, layout(tmp_path / "files"))
    spec = made.prepare()
    assert made.prepare() == spec and spec.shape == "captions" and spec.picture == (3, SIDE, SIDE)
    assert spec.target_symbols == ("", "<unknown>", "a", "blue", "red", "square")
    assert spec.sizes == {"train": 5, "val": 1, "test": 1} and spec.target_length == 5
    train, val = made.split("train"), made.split("val")
    assert isinstance(train, Sequences) and isinstance(val, Sequences)
    words = [" ".join(spec.target_symbols[place] for place in row if place > 0) for row in train.labels]
    assert sorted(words) == sorted(
        ["a red square", "<unknown> square <unknown> red", "a <unknown> square", "a blue square",
         "a <unknown> blue square"]
    )  # fmt: skip
    batch = SequenceBatches(train, 5, None).batch(0, 0)
    assert batch.inputs.shape == (5, 3, SIDE, SIDE) and batch.inputs.dtype == torch.float32
    for text, picture in zip(words, batch.inputs, strict=True):
        seen = tuple(int(255 * value) for value in picture[:, 8, 8])
        assert seen == COLOURS["a" if "red" in text else "c" if "blue" in text else "b"]
    assert val.alternatives is not None and val.alternatives.shape == (1, 2, 5)
    assert val.alternatives[0].tolist() == [[2, 5, 0, -1, -1], [1, 0, -1, -1, -1]]


def test_a_sentence_of_one_item_is_about_its_picture() -> None:
    inputs = np.stack([np.full((3, 2, 2), value, dtype=np.uint8) for value in (0, 255)])
    part = Sequences(inputs, np.array([[1, 0], [2, 0], [3, 0]]), sources=np.array([0, 1, 1]))
    batch = SequenceBatches(part, 3, 0).batch(0, 0)
    assert [int(value) for value in batch.inputs[:, 0, 0, 0]] == [int(target > 1) for target in batch.targets[:, 0]]


def without(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


def written(file: str, text: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / file).write_text(text, encoding="utf-8")

    return write


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (without("Flickr_8k.devImages.txt"), "neither dataset_flickr8k.json nor Flickr_8k.devImages.txt"),
        (without("Flicker8k_Dataset/b.png"), "b.png: no such file"),
        (written("Flicker8k_Dataset/b.png", "no picture"), "b.png: cannot be read as PNG or JPEG"),
        (written("Flickr_8k.trainImages.txt", "../../a.png\n"), "no sentence is about picture"),
        (written(TOKENS, "a.png a red square\n"), "line 1 is not a name, #, a number, a tab and a sentence"),
        (written("Flickr_8k.testImages.txt", ""), "the lists name no picture of test"),
        (written("dataset_flickr8k.json", "[1]"), "dataset_flickr8k.json: not a JSON object"),
        (written("dataset_flickr8k.json", '{"images": [{"filename": 1}]}'), "not a split as Karpathy published them"),
    ],
)
def test_what_is_wrong_with_a_folder_is_told_in_one_line(
    tmp_path: Path, spoil: Callable[[Path], None], line: str
) -> None:
    spoil(tokens(tmp_path / "files"))
    with pytest.raises(RequestError) as told:
        dataset(Flickr8k, tmp_path / "files").prepare()
    assert line in str(told.value) and "\n" not in str(told.value)
    assert not list((tmp_path / "cache").rglob("*.npy"))


def test_a_list_cannot_lead_out_of_its_folder(tmp_path: Path) -> None:
    folder = flickr_by_karpathy(tmp_path / "files")
    paint(tmp_path, "a")
    split = karpathy(folder)
    split["images"][0]["filename"] = "../../a.png"
    (folder / "dataset_flickr8k.json").write_text(json.dumps(split), encoding="utf-8")
    with pytest.raises(RequestError, match="which is not inside the folder"):
        dataset(Flickr8k, folder).prepare()


def test_no_folder_and_no_pictures(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="data=coco needs the folder of its files"):
        Coco(Coco.Config(name="coco")).prepare()
    with pytest.raises(RequestError, match="no such folder"):
        dataset(Coco, tmp_path / "nowhere").prepare()
    with pytest.raises(RequestError, match="there is neither dataset_coco.json nor annotations/"):
        dataset(Coco, tmp_path).prepare()
    folder = annotations(tmp_path / "files")
    (folder / "train2017").rename(folder / "elsewhere")
    with pytest.raises(RequestError, match="the pictures are missing; they are looked for in train2017"):
        dataset(Coco, folder).prepare()
