"""Your own labelled sequences: a CSV file, or a folder of texts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rnnlab.config.schema import require
from rnnlab.data import prepared
from rnnlab.data.csv_items import number_items, read_table, text_items
from rnnlab.data.folder_items import files_by_class, texts_in
from rnnlab.data.items import Contents, Items
from rnnlab.data.ngram_regression import ngram_regression
from rnnlab.data.text import nearest
from rnnlab.data.text_items import text_contents
from rnnlab.errors import RequestError

RECIPE = 2  # raise it when the same files shall give other arrays


class Labelled(Items):
    """``data=labelled data.path=...``: a CSV file, a folder of folders of texts, or a folder of lists.

        mail.csv         label,text                 a class and a text in each row;
                         spam,Buy now!
        heart.csv        label,0,1,2                or a class and numbers, a step for each column:
                         sick,0.1,0.7,0.4           empty cells at the end make a row shorter
        mail/            spam/1.txt  ham/1.txt      a class for each folder, an item for each .txt file below it
        names/           Czech.txt  Greek.txt       a class for each .txt file, an item for each of its lines

    70, 15 and 15 % of each class are for train, val and test, equal items together. Numbers are standardised by what
    they are in train; beside texts stands a logistic regression on n-grams.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Items.Config):
        """path: a CSV file, or a folder.

        label: the column of a CSV file that holds the class. text: that of the text; empty for the only other column,
        or for numbers in all others. most: characters or numbers of an item that are read, from its start.
        split_seed: who is in which part.
        """

        path: str = ""
        label: str = "label"
        text: str = ""
        most: int = 200
        split_seed: int = 0

        def __post_init__(self) -> None:
            Items.Config.__post_init__(self)
            require(self.most >= 1, "data.most", self.most, "it must be at least 1")
            require(self.split_seed >= 0, "data.split_seed", self.split_seed, "it must be at least 0")

    licence = "your own"
    source = "data.path=FILE.csv or FOLDER"
    config: Config

    @property
    def path(self) -> Path:
        """What is to be read. RequestError where nothing is there."""
        given = self.config.path
        if not given:
            raise RequestError("data.path = '': data=labelled needs a CSV file or a folder, e.g. data.path=mail.csv")
        path = Path(given).expanduser().absolute()
        if not path.exists():
            raise RequestError(f"data.path = {given!r}: no such file or folder{nearest(path)}")
        return path

    def stamp(self) -> str:
        """See ``Items.stamp``."""
        path, config = self.path, self.config
        files = [file for group in files_by_class(path).values() for file in group] if path.is_dir() else [path]
        return prepared.stamp(files, RECIPE, config.label, config.text, config.most, config.split_seed)

    def contents(self) -> Contents:
        """See ``Items.contents``."""
        path, config = self.path, self.config
        if path.is_dir():
            texts, labels = texts_in(path, config.most)
            return text_contents(texts, labels, config.split_seed, f"data.path = {config.path!r}")
        table = read_table(path, config.label, config.text)
        if table.text is not None:
            return text_items(table, config.most, config.split_seed)
        return number_items(table, config.most, config.split_seed)

    def rivals(self) -> dict[str, float]:
        """See ``Dataset.rivals``."""
        spec = self.prepare()
        return ngram_regression(self, spec) if spec.symbols else {}
