"""dates: how some twenty languages write a day, to be written as ISO 8601 has it."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import cached_property
from pathlib import Path

import numpy as np

from rnnlab.config.schema import require
from rnnlab.data.contents import Sequences
from rnnlab.data.generated import Generated
from rnnlab.data.spec import SPLITS
from rnnlab.errors import RequestError, did_you_mean

LOCALES = (
    "en_US", "en_GB", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs", "hu", "ro", "tr", "ru",
    "uk", "el", "ja", "zh", "ko", "vi", "id",
)  # fmt: skip
DIGITS = "-0123456789"
TENTH = 10


class Length(str, Enum):
    """How much of a date is spelled out: Mar 7, 1994; March 7, 1994; Monday, March 7, 1994."""

    medium = "medium"
    long = "long"
    full = "full"


class Dates(Generated):
    """Days in the words of Unicode's locale data, which Babel ships.

        read       m å n d a g   7   m a r s   1 9 9 4      locale and length are uniform, and so is the day
        written    1 9 9 4 - 0 3 - 0 7 .

    A day belongs to one split: one tenth of all days to val, one to test. Two digits for a year, and "03/07/1994",
    which two languages read differently, are not among the lengths: so each text means one day.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Generated.Config):
        """locales: whose dates are read. lengths: how they write them. first_year, last_year: of the days."""

        locales: list[str] = field(default_factory=lambda: list(LOCALES))
        lengths: list[Length] = field(default_factory=lambda: list(Length))
        first_year: int = 1900
        last_year: int = 2099

        def __post_init__(self) -> None:
            Generated.Config.__post_init__(self)
            require(bool(self.locales), "data.locales", self.locales, "it must name one at least")
            require(bool(self.lengths), "data.lengths", self.lengths, "it must name one at least")
            years = f"data.first_year = {self.first_year}"
            require(self.first_year >= 1000, "data.first_year", self.first_year, "it must be at least 1000")
            after = f"it must be from {years} to 9999"
            require(self.first_year <= self.last_year <= 9999, "data.last_year", self.last_year, after)

    licence = "none needed; names of months and days: Unicode CLDR, by Babel (BSD)"
    shape = "pairs"
    target_symbols = ("", *DIGITS)
    classes = len(target_symbols)
    target_length = len("1994-03-07") + 1
    config: Config

    @classmethod
    def place(cls) -> Path | None:  # type: ignore[override]
        return super().place() if importlib.util.find_spec("babel") else None

    @cached_property
    def symbols(self) -> tuple[str, ...]:  # type: ignore[override]
        return tuple(sorted({character for text in self.every_wording for character in text} | set(DIGITS[1:])))

    @cached_property
    def max_length(self) -> int:  # type: ignore[override]
        return max(map(len, self.every_wording))

    @cached_property
    def every_wording(self) -> list[str]:
        """Each locale and length on days that have every month with every weekday, and days of one and two digits."""
        days = [date(2022, month, day) for month in range(1, 13) for day in (*range(1, 8), *range(22, 29))]
        ways = [(name, length) for name in self.config.locales for length in self.config.lengths]
        return [self.worded(day, name, length) for name, length in ways for day in days]

    def worded(self, day: date, name: str, length: Length) -> str:
        """A day in the words of a locale. Raises RequestError where there is no such locale, or no Babel."""
        try:
            from babel.core import UnknownLocaleError
            from babel.dates import format_date
            from babel.localedata import locale_identifiers
        except ImportError as error:
            raise RequestError("data = 'dates': Babel is needed; pip install babel") from error
        try:
            return format_date(day, length.value, locale=name)
        except (UnknownLocaleError, ValueError) as error:
            near = did_you_mean(name, locale_identifiers())
            raise RequestError(f"data.locales = {name!r}: Babel has no such locale{near}") from error

    def draw(self, generator: np.random.Generator, count: int) -> Sequences:
        """``count`` days of all there are; see ``draw_for``."""
        return self.drawn(generator, count, np.arange(TENTH))

    def draw_for(self, split: str, generator: np.random.Generator, count: int) -> Sequences:
        """The same out of the days of one split."""
        val, test = SPLITS[1:]
        return self.drawn(generator, count, {val: np.array([0]), test: np.array([1])}.get(split, np.arange(2, TENTH)))

    def drawn(self, generator: np.random.Generator, count: int, tenths: np.ndarray) -> Sequences:
        """inputs uint16 (N, S), 0 behind a text; labels int8 (N, 11). ``tenths``: days by number modulo ten."""
        c = self.config
        first, last = date(c.first_year, 1, 1).toordinal(), date(c.last_year, 12, 31).toordinal()
        days = np.arange(first, last + 1)
        days = generator.choice(days[np.isin(days % TENTH, tenths)], count)
        names, lengths = generator.integers(0, len(c.locales), count), generator.integers(0, len(c.lengths), count)
        places = {symbol: place for place, symbol in enumerate(self.symbols)}
        inputs = np.zeros((count, self.max_length), dtype=np.uint16)
        labels = np.zeros((count, self.target_length), dtype=np.int8)
        steps = np.zeros(count, dtype=np.int64)
        for row, (ordinal, name, length) in enumerate(zip(days.tolist(), names, lengths, strict=True)):
            day = date.fromordinal(ordinal)
            text = self.worded(day, c.locales[name], c.lengths[length])
            inputs[row, : len(text)] = [places[character] for character in text]
            labels[row, :-1] = [1 + DIGITS.index(character) for character in day.isoformat()]
            steps[row] = len(text)
        return Sequences(inputs, labels, steps)
