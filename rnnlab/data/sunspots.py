"""sunspots: how many there were in each year from 1700 to 2008."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import numpy as np

from rnnlab.data.series import Series


class Sunspots(Series):
    """Yearly mean sunspot numbers, 309 of them, with cycles of 9 to 14 years; 11 years are asked for.

    Cycles differ in length and height, so that the number of 11 years ago is a poor forecast.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Series.Config):
        """past: three cycles. future: one."""

        past: int = 33
        future: int = 11

    licence = "public domain (SIDC; see statsmodels.datasets.sunspots)"
    source = "statsmodels.datasets.sunspots"
    file = ("datasets", "sunspots", "sunspots.csv")
    season = 11

    def values(self, text: str) -> np.ndarray:
        """See ``Series.values``."""
        return np.array([float(row["SUNACTIVITY"]) for row in csv.DictReader(io.StringIO(text))])
