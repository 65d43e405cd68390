"""flickr8k: 8,000 photographs of people and animals, with five sentences each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rnnlab.data.caption_lists import Described, first_folder, karpathy_split
from rnnlab.data.captioned import Captioned
from rnnlab.errors import RequestError

KARPATHY = "dataset_flickr8k.json"
TOKENS = "Flickr8k.token.txt"
SPLIT_LISTS = {
    "train": "Flickr_8k.trainImages.txt",
    "val": "Flickr_8k.devImages.txt",
    "test": "Flickr_8k.testImages.txt",
}
FOLDERS = ("Flicker8k_Dataset", "Flickr8k_Dataset", "Images", "images")


class Flickr8k(Captioned):
    """Hodosh, Young & Hockenmaier 2013, as it was distributed: ``data=flickr8k data.path=FOLDER``.

    FOLDER/Flicker8k_Dataset/*.jpg              or Images/
    FOLDER/dataset_flickr8k.json                the split and the sentences of Karpathy & Fei-Fei 2015, or
    FOLDER/Flickr8k.token.txt                   NAME.jpg#0 TAB sentence
    FOLDER/Flickr_8k.trainImages.txt            NAME.jpg, and so with devImages and testImages
    """

    licence = "for research; the photographs belong to their authors"
    source = "data.path=FOLDER, asked for at https://hockenmaier.cs.illinois.edu/8k-pictures.html"

    def lists(self) -> list[Path]:
        """See ``Captioned.lists``."""
        if (self.path / KARPATHY).is_file():
            return [self.path / KARPATHY]
        files = [self.path / name for name in (TOKENS, *SPLIT_LISTS.values())]
        missing = [file.name for file in files if not file.is_file()]
        if missing:
            raise RequestError(f"{self.path}: there is neither {KARPATHY} nor {', '.join(missing)}")
        return files

    def described(self) -> Mapping[str, Sequence[Described]]:
        """See ``Captioned.described``."""
        files, folder = self.lists(), first_folder(self.path, FOLDERS)
        if len(files) == 1:
            return karpathy_split(files[0], folder)
        said = sentences_of(files[0])
        return {
            split: [Described(f"{folder}/{name}", tuple(said.get(name, ()))) for name in lines_of(self.path / file)]
            for split, file in SPLIT_LISTS.items()
        }


def sentences_of(path: Path) -> dict[str, list[str]]:
    """What is said of each picture. RequestError for a line that is not NAME#NUMBER TAB SENTENCE."""
    found: dict[str, list[str]] = {}
    for number, line in enumerate(lines_of(path), start=1):
        key, tab, sentence = line.partition("\t")
        name, mark, _ = key.rpartition("#")
        if not tab or not mark:
            raise RequestError(f"{path}: line {number} is not a name, #, a number, a tab and a sentence, {line[:40]!r}")
        found.setdefault(name, []).append(sentence)
    return found


def lines_of(path: Path) -> list[str]:
    """The lines of a list that are not empty. RequestError where it is not UTF-8."""
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise RequestError(f"{path}: not UTF-8 (byte {error.start:,})") from error
