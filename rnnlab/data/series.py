"""Windows of one real series: a past, and the future that follows it.

Shapes: M values of the series, N windows, P steps of a past, U steps of a future.

    series    |-------------- train --------------|----- val -----|----- test -----|
    window         |--- past ---|- future -|
                                       |--- past ---|- future -|      its future lies in val, and so does the window

A window belongs to the part in which its whole future lies; what came before may be known from an earlier part, as
it is when one forecasts.
"""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from rnnlab.config.schema import aside, require
from rnnlab.data.base import Dataset
from rnnlab.data.contents import Sequences
from rnnlab.data.installed import shipped
from rnnlab.data.spec import SPLITS, DataSpec
from rnnlab.errors import RequestError

PACKAGE = "statsmodels"
SHARES = (0.7, 0.15, 0.15)
Windows = dict[str, np.ndarray]
"""For each split where its windows begin in the series, int64 (N,)."""


class Series(Dataset):
    """One series of equally spaced values, cut at 70 and 85 % of its length.

    What a model reads and is asked for is in units of what it reads in train: less the mean, divided by the deviation.
    Where windows are ``relative``, the last known value is taken off each first, so that a trend leads nowhere.

    Two rivals stand beside each result, in the same units: ``naive``, the last known value, and ``seasonal_naive``,
    the value of the latest known season at the same place.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Dataset.Config):
        """past: steps P that are read. future: steps U that are asked for.

        relative: each window is told relative to its last known value.
        """

        past: int = 36
        future: int = 12
        relative: bool = False
        val_rows: int = aside(100)

        def __post_init__(self) -> None:
            Dataset.Config.__post_init__(self)
            require(self.past >= 1, "data.past", self.past, "it must be at least 1")
            require(self.future >= 1, "data.future", self.future, "it must be at least 1")

    file: ClassVar[tuple[str, ...]]
    """Of the package that ships it."""
    season: ClassVar[int]
    """Steps of the longest regular cycle."""
    config: Config
    values_M: np.ndarray
    starts: Windows

    @abstractmethod
    def values(self, text: str) -> np.ndarray:
        """The series in the contents of its file: float64 (M,), equally spaced, without gaps."""

    @classmethod
    def place(cls) -> Path | None:
        return shipped(PACKAGE, *cls.file)

    def prepare(self) -> DataSpec:
        """See ``Dataset.prepare``. A series is small: nothing is kept on the disk."""
        place = self.place()
        if place is None:
            name = self.config.name
            raise RequestError(
                f"data = {name!r}: the package {PACKAGE} ships it, and is not here; pip install {PACKAGE}"
            )
        self.values_M = self.values(place.read_text(encoding="utf-8"))
        self.starts = window_starts(len(self.values_M), self.config.past, self.config.future)
        described = (self.config.past, self.config.future, self.config.relative, SHARES)
        return DataSpec(
            shape="series",
            symbols=(),
            input_size=1,
            classes=0,
            sizes={name: len(starts) for name, starts in self.starts.items()},
            max_length=self.config.past,
            unit="",
            fingerprint=hashlib.sha256(self.values_M.tobytes() + repr(described).encode()).hexdigest(),
            target_length=self.config.future,
        )

    def split(self, name: str) -> Sequences:
        """One split: inputs float32 (N, P, 1), labels float32 (N, U)."""
        assert name in SPLITS, name
        past_NP, future_NU = self.windows(name)
        mean, deviation = self.scale()
        inputs, labels = ((part - mean) / deviation for part in (past_NP, future_NU))
        return Sequences(inputs[:, :, None].astype(np.float32), labels.astype(np.float32))

    def windows(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Past (N, P) and future (N, U) of each window in the series' own units, relative or not: float64."""
        steps = np.arange(self.config.past + self.config.future)
        both = self.values_M[self.starts[name][:, None] + steps]
        if self.config.relative:
            both = both - both[:, self.config.past - 1, None]
        return both[:, : self.config.past], both[:, self.config.past :]

    def scale(self) -> tuple[float, float]:
        """Mean and deviation of what is read in train."""
        past_NP, _ = self.windows("train")
        return float(past_NP.mean()), float(past_NP.std())

    def rivals(self) -> dict[str, float]:
        """See ``Dataset.rivals``: the mean squared errors of both, on val and test."""
        self.prepare()
        _, deviation = self.scale()
        found = {}
        for name in ("val", "test"):
            first_N = self.starts[name] + self.config.past  # where the future begins
            ahead_U = np.arange(self.config.future)
            future_NU = self.values_M[first_N[:, None] + ahead_U]
            behind = {"naive": 1 + ahead_U, "seasonal_naive": self.season * (ahead_U // self.season + 1)}
            for rival, steps_U in behind.items():
                forecast_NU = self.values_M[first_N[:, None] + ahead_U - steps_U]
                found[f"{rival}/{name}/loss"] = float(np.mean(((future_NU - forecast_NU) / deviation) ** 2))
        return found


def window_starts(length: int, past: int, future: int) -> Windows:
    """Where the windows of each part begin. RequestError where a part is too short for one."""
    edges = np.round(np.cumsum([0, *SHARES]) * length).astype(int)
    found = {}
    for name, start, stop in zip(SPLITS, edges, edges[1:], strict=False):
        first, last = max(0, start - past), stop - past - future
        if last < first:
            raise RequestError(
                f"data.past = {past}, data.future = {future}: the {name} part has {stop - start} values of the series'"
                f" {length}; {'both together' if name == 'train' else 'data.future'} must be shorter than that"
            )
        found[name] = np.arange(first, last + 1)
    return found
