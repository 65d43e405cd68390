"""co2: carbon dioxide in the air over Mauna Loa, month by month from 1958 to 2001."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from rnnlab.data.series import Series

MONTHS = 12


class CO2(Series):
    """Monthly means in parts per million, of weekly samples (Keeling & Whorf 2004): a rising line with a yearly wave.

    Months without a sample lie on the line between their neighbours. A year is asked for. What test has was never
    reached in train: so windows are relative, unless ``data.relative=false`` says that they shall not be.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Series.Config):
        """past: three years. future: one."""

        past: int = 36
        future: int = 12
        relative: bool = True

    licence = "public domain (Scripps CO2 programme; see statsmodels.datasets.co2)"
    source = "statsmodels.datasets.co2"
    file = ("datasets", "co2", "co2.csv")
    season = MONTHS

    def values(self, text: str) -> np.ndarray:
        """See ``Series.values``. Dates are written 19580329."""
        samples = defaultdict(list)
        for row in csv.DictReader(io.StringIO(text)):
            if row["co2"]:
                samples[MONTHS * int(row["date"][:4]) + int(row["date"][4:6])].append(float(row["co2"]))
        known = sorted(samples)
        return np.interp(np.arange(known[0], known[-1] + 1), known, [float(np.mean(samples[month])) for month in known])
