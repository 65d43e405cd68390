"""coco: 120,000 photographs of everyday scenes, with five sentences each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rnnlab.data.caption_lists import Described, first_folder, karpathy_split, read_json
from rnnlab.data.captioned import Captioned
from rnnlab.errors import RequestError

KARPATHY = "dataset_coco.json"
YEARS = ("2017", "2014")


class Coco(Captioned):
    """Lin et al. 2014, Chen et al. 2015: ``data=coco data.path=FOLDER``, as it is distributed.

        FOLDER/train2017/*.jpg  val2017/*.jpg       or those of 2014
        FOLDER/dataset_coco.json                    the split of Karpathy & Fei-Fei 2015 (pictures of 2014), or
        FOLDER/annotations/captions_train2017.json  and captions_val2017.json

    The sentences of COCO's own test part were never published: without Karpathy's split, every other picture of its
    val part, in the order of their numbers, is for val and the others are for test.
    """

    licence = "CC BY 4.0 (sentences); the photographs belong to their authors"
    source = "data.path=FOLDER, from https://cocodataset.org"

    def lists(self) -> list[Path]:
        """See ``Captioned.lists``."""
        if (self.path / KARPATHY).is_file():
            return [self.path / KARPATHY]
        for year in YEARS:
            for folder in (self.path / "annotations", self.path):
                files = [folder / f"captions_{part}{year}.json" for part in ("train", "val")]
                if all(file.is_file() for file in files):
                    return files
        names = [f"captions_{part}{year}.json" for year in YEARS for part in ("train", "val")]
        raise RequestError(f"{self.path}: there is neither {KARPATHY} nor annotations/ with {', '.join(names)}")

    def described(self) -> Mapping[str, Sequence[Described]]:
        """See ``Captioned.described``."""
        files = self.lists()
        if len(files) == 1:
            return karpathy_split(
                files[0], {name: picture_folder(self.path, name) for name in ("train2014", "val2014")}
            )
        train, held_out = (
            annotated(file, picture_folder(self.path, file.stem.removeprefix("captions_"))) for file in files
        )
        return {"train": train, "val": held_out[::2], "test": held_out[1::2]}


def picture_folder(folder: Path, name: str) -> str:
    """Where the pictures of a part lie: beside the annotations, or in images/."""
    return first_folder(folder, (name, f"images/{name}"))


def annotated(path: Path, folder: str) -> list[Described]:
    """The pictures of an annotation file in the order of their numbers. RequestError where it is something else."""
    found = read_json(path)
    try:
        said: dict[int, list[str]] = {}
        for annotation in found["annotations"]:
            said.setdefault(annotation["image_id"], []).append(str(annotation["caption"]))
        entries = sorted(found["images"], key=lambda entry: entry["id"])
        return [Described(f"{folder}/{entry['file_name']}", tuple(said.get(entry["id"], ()))) for entry in entries]
    except (KeyError, TypeError) as error:
        raise RequestError(f"{path}: not captions as COCO publishes them ({error!r})") from error
