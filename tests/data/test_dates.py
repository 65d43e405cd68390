"""Dates of many languages: each text is one day, and a day is in one split."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from rnnlab.data.contents import Sequences
from rnnlab.data.dates import LOCALES, Dates, Length
from rnnlab.data.spec import SPLITS
from rnnlab.errors import RequestError

pytest.importorskip("babel")


def made(**settings: object) -> Dates:
    return Dates(Dates.Config(name="dates", examples=300, held_out=100, **settings))  # type: ignore[arg-type]


def texts(dataset: Dates, items: Sequences) -> list[tuple[str, str]]:
    """(text, ISO date) of each item."""
    assert items.lengths is not None
    return [
        ("".join(dataset.symbols[place] for place in row[:length]),
         dataset.written_as([dataset.target_symbols[place] for place in labels if place > 0]))
        for row, labels, length in zip(items.inputs, items.labels, items.lengths, strict=True)
    ]  # fmt: skip


def test_known_dates() -> None:
    dataset, day = made(), date(1994, 3, 7)
    assert dataset.worded(day, "en_US", Length.full) == "Monday, March 7, 1994"
    assert dataset.worded(day, "de", Length.long) == "7. März 1994"
    assert dataset.worded(day, "nb", Length.full) == "mandag 7. mars 1994"
    assert dataset.worded(day, "ja", Length.full) == "1994年3月7日月曜日"


def test_items_are_days_of_their_split_in_a_locale_s_words() -> None:
    dataset = made()
    seen: dict[str, set[str]] = {}
    for name in SPLITS:
        for text, iso in texts(dataset, dataset.split(name)):
            day = date.fromisoformat(iso)
            wordings = {dataset.worded(day, locale, length) for locale in LOCALES for length in Length}
            assert text in wordings and len(text) <= dataset.max_length
            seen.setdefault(iso, set()).add(name)
    assert all(len(splits) == 1 for splits in seen.values())
    labels = dataset.split("val").labels
    assert labels.shape == (100, 11) and (labels[:, -1] == 0).all()


def test_no_text_means_two_days() -> None:
    """Over a year and all locales and lengths, and in the symbols that the set says it has."""
    dataset = made()
    meaning: dict[str, date] = {}
    for number in range(366):
        day = date(2024, 1, 1) + timedelta(number)
        for locale in LOCALES:
            for length in Length:
                assert meaning.setdefault(dataset.worded(day, locale, length), day) == day
    assert set("".join(meaning)) <= set(dataset.symbols)
    assert max(map(len, meaning)) <= dataset.max_length


def test_there_are_at_least_twenty_locales() -> None:
    assert len(set(LOCALES)) >= 20
    drawn = made(locales=["fr"], lengths=[Length.medium], first_year=2001, last_year=2001)
    items = texts(drawn, drawn.draw(np.random.default_rng(0), 50))
    assert all(iso.startswith("2001-") and text.endswith(" 2001") for text, iso in items)


def test_an_unknown_locale_is_refused_in_one_line() -> None:
    with pytest.raises(RequestError, match=r"^data.locales = 'dee': Babel has no such locale \(did you mean '"):
        made(locales=["dee"]).prepare()
    with pytest.raises(RequestError, match=r"^data.last_year = 1800: it must be from data.first_year = 1900 to 9999$"):
        made(last_year=1800)
