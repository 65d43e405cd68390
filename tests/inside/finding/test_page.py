"""The page of a discovery: whatever the text holds, it is text; and stretches are chosen by the feature alone."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from rnnlab.inside.activations import Activations
from rnnlab.inside.finding.choosing import on_the_other, strength_table, strongest
from rnnlab.inside.finding.discovery import finding, judged
from rnnlab.inside.finding.files import write_files
from rnnlab.inside.finding.findings import Discovery
from rnnlab.inside.finding.halves import Halves
from rnnlab.inside.finding.labelled import Labelled
from rnnlab.inside.finding.showing import LONGEST, shown, telling_stretch
from rnnlab.inside.reading import Part
from rnnlab.inside.text import Text

EVIL = "<script>alert(1)</script>&\x1b[31m\x00\u202e\ud7ff'\"><img src=x onerror=alert(2)>\n"


@pytest.fixture
def evil() -> tuple[Discovery, Text]:
    """A unit that goes along with what means harm in a text, and one that falls with the place in the line."""
    generator = np.random.default_rng(0)
    pieces = [piece for length in generator.integers(1, 9, 100) for piece in (EVIL, "word " * length + "\n")]
    characters = "".join(pieces)
    N = len(characters)
    inside = np.concatenate([np.full(len(piece), piece == EVIL) for piece in pieces])
    label = Labelled("harm", "inside <a tag>", False, inside.astype(np.float32))
    place = np.concatenate([np.arange(len(piece)) for piece in pieces])
    number = Labelled("place", "how <far>", True, place.astype(np.float32))
    units = np.stack([inside - 0.5 + generator.normal(0, 0.1, N), -number.values_N / 50], axis=1).astype(np.float16)
    activations, halves = Activations({Part(0, "h"): units}), Halves.of(N)
    labels = [label, number]
    tables = [strength_table(activations, labels, half) for half in (halves.choosing, halves.scoring)]
    findings = [
        finding(each, on_the_other(strongest(tables[0], i), activations, each, halves), activations, halves,
                units[:, i].astype(np.float32), 0.95, [0.1, 0.12, 0.09], 0)
        for i, each in enumerate(labels)
    ]  # fmt: skip
    discovery = Discovery(judged(findings, 0.05), labels, *tables, halves, activations, N)
    return discovery, Text(np.zeros(N, np.int64), characters, "<b>evil</b>.txt", "evil.txt")


def test_the_text_is_escaped_and_its_controls_are_pictures(evil: tuple[Discovery, Text], tmp_path: Path) -> None:
    files = write_files(evil[0], tmp_path, "abcd", evil[1], 0.05)
    page = files[0].read_text()
    assert len(evil[0].found) == 2 and page.count('class="painted"') == 2
    assert "<script" not in page and "<img" not in page and "<b>" not in page
    assert "&lt;" in page and "\x1b" not in page and "\x00" not in page and "\u202e" not in page
    assert "R2" in page and "falls with it" in page


def test_stretches_are_of_the_scoring_half_and_do_not_look_at_units(evil: tuple[Discovery, Text]) -> None:
    discovery, text = evil
    for each in discovery.found:
        stretch = shown(discovery, each, text.characters)
        places = np.arange(stretch.start, stretch.start + len(stretch.characters))
        assert np.isin(places, discovery.halves.scoring).all() and len(places) <= LONGEST
        assert text.characters[places[0] : places[-1] + 1] == stretch.characters
        assert telling_stretch(each.label, text.characters, discovery.halves).start == stretch.start
        values = discovery.activations.of(each.unit)[places]
        np.testing.assert_array_equal(stretch.values, values)
        assert stretch.scale.low <= values.min() and values.max() <= stretch.scale.high


def test_of_a_rare_feature_a_stretch_that_has_it() -> None:
    characters = ("quiet words all day\n" * 400)[:8000]
    halves = Halves.of(8000)
    values = np.zeros(8000, np.float32)
    values[halves.scoring[3000:3040]] = 1
    at = telling_stretch(Labelled("rare", "", False, values), characters, halves)
    assert 0 < values[at].mean() < 1


def test_a_text_without_lines() -> None:
    halves = Halves.of(8000)
    values = (np.arange(8000) % 50 < 20).astype(np.float32)
    at = telling_stretch(Labelled("often", "", False, values), "x" * 8000, halves)
    assert LONGEST // 2 <= at.stop - at.start <= LONGEST


@pytest.mark.browser
def test_it_opens_without_a_complaint(evil: tuple[Discovery, Text], tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on this machine")
    page = write_files(evil[0], tmp_path, "abcd", evil[1], 0.05)[0]
    quiet = "--disable-background-networking --disable-component-update --disable-sync --disable-quic --no-first-run"
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", *quiet.split(), "--enable-logging=stderr"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "What the units of run abcd tell" in done.stdout and "CONSOLE" not in done.stderr
