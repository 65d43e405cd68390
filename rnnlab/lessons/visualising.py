"""Visualising: a text coloured by one cell's activation, and how such cells are found by measurement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from rnnlab.inside.activations import state_parts
from rnnlab.inside.finding.choosing import labelled, source_of
from rnnlab.inside.finding.discovery import Method, discover, tellable
from rnnlab.inside.finding.findings import Discovery, Finding, score_of
from rnnlab.inside.finding.halves import Halves
from rnnlab.inside.finding.labelled import Labelled
from rnnlab.inside.finding.showing import Shown, shown
from rnnlab.inside.finding.untrained import untrained
from rnnlab.inside.finding.words import percent, sentence
from rnnlab.inside.painting.printed import picture
from rnnlab.inside.text import Text as Read
from rnnlab.inside.text import held_out
from rnnlab.inside.units import UnitAddress
from rnnlab.lessons.base import Lesson, Try
from rnnlab.lessons.blocks import Block, Lines, Picture, Table, Text
from rnnlab.lessons.running import assembled, trained
from rnnlab.models.tasks.language_model import LanguageModel
from rnnlab.parts import Parts

SETTINGS = ("data=python_source", "cell=lstm", "cell.hidden_size=128", "stack.dropout=0", "optimizer.lr=5e-3")
NETWORKS = 5
"""Untrained ones, beside the trained one."""
CLEAR, LINEAR = 0.9, 0.64
"""From here on a unit is called readable: the AUC for what is true or false, and the R2 for a number (r = 0.8)."""
MARKS = ".:-=+*#%@"
"""From the unit's low to its high, in characters."""
WIDTH = 90
"""Columns of a line before it is broken, for the characters below it."""


class Visualising(Lesson):
    """Karpathy's coloured text, with what it takes to believe it."""

    title = "Visualising: what single cells of a network that reads code keep track of"
    place = 40
    look = (
        "Unit 0:c:58 is unit 58 of c of layer 0; a - before it: low where the feature is true.",
        "AUC: the chance that the unit is higher where the feature is true than where it is not. 0.5 says nothing.",
        "The unit is chosen on one half of the text, its score is from the other: the best of many looks good on the"
        " text that it was chosen on, whatever there is to find.",
        "Beside it the best unit of networks that were never trained: what comes from the last letters alone, they"
        " have too. What was learned is what is above that.",
        "That a unit tells something does not mean that the network uses it: switch it off, and see.",
    )
    next = (
        Try("rnnlab train data=linux cell.hidden_size=512 stack.depth=2 trainer.max_minutes=15", "C, as a run"),
        Try("rnnlab find last --parts all", "every feature in every unit, gates too, as a page"),
        Try("rnnlab paint last --top comments", "a page where any unit can be chosen by clicking"),
        Try("rnnlab ablate last --cell 0:c:17", "the same text with that unit held still: who uses it?"),
    )

    def run(self) -> Iterator[Block]:
        parts = assembled(*SETTINGS, f"data.max_bytes={self.sized(2_000_000, 400_000)}")
        steps = self.sized(1200, 10)
        with self.progress("training") as bar:
            for _ in trained(parts.learner, steps, bar):
                pass
        text = held_out(parts.experiment.data, parts.spec, self.sized(100_000, 16_000))
        discovery = self.discovered(parts, text)
        yield Text(
            f"An LSTM of {parts.experiment.cell.hidden_size} units after {steps:,} steps on the standard library's"
            f" source ({parts.validate()['bits_per_char']:.2f} bits for a character) reads {len(text):,} characters"
            f" that it never saw. {len(discovery.labels)} features of them are held against each of its h and c;"
            f" {len(discovery.found)} are found: neither accident nor the untrained networks explain them.",
            {"steps": steps, "characters": len(text), "found": [each.name for each in discovery.found]},
        )
        yield found_table(discovery.findings)
        yield readable_units(discovery)
        yield from painted(discovery, text)

    def discovered(self, parts: Parts, text: Read) -> Discovery:
        """Every feature that both halves of the text can say something of, in every state of every layer."""
        model = parts.model.eval()
        assert isinstance(model, LanguageModel)
        labels = tellable(labelled(source_of(text)), Halves.of(len(text)), [], lambda line: None)
        count = self.sized(NETWORKS, 2)
        others = (untrained(parts.experiment, parts.spec, number + 1) for number in range(count))
        parts_of_it = state_parts(model.stack)
        return discover(model, text.symbols_N, labels, parts_of_it, others, Method(), self.watched)

    @contextmanager
    def watched(self, title: str) -> Iterator[Callable[[int, int], None]]:
        """A bar without words."""
        with self.progress(title) as bar:
            yield lambda done, of: bar(done, of, "")


def found_table(findings: Sequence[Finding]) -> Table:
    """The best unit of each feature, on the half of the text that the choice never saw."""
    rows = [
        {
            "feature": each.name,
            "true": "number" if each.share is None else percent(each.share),
            "unit": f"{'-' if each.sign < 0 else ''}{each.unit}",
            "score": f"{each.measure} {each.best.score.estimate:.3f}",
            "95 %": f"{each.best.score.low:.3f} to {each.best.score.high:.3f}",
            "untrained, mean": f"{np.mean(each.untrained):.3f}",
            "highest": f"{max(each.untrained):.3f}",
            "verdict": each.verdict,
            "all units": f"{each.probe.score.estimate:.3f}",
        }
        for each in findings
    ]
    title = (
        "The best unit of each feature, on text that its choice never saw; the best of untrained networks; and a linear"
        " probe on all units together"
    )
    return Table("best_units", title, rows, [each.row() for each in findings])


class Reading(NamedTuple):
    """What a unit tells best on the choosing half, and how well it does on the scoring half, as AUC or R2."""

    unit: UnitAddress
    label: Labelled
    score: float


def readings(discovery: Discovery) -> Iterator[Reading]:
    """Of each unit the feature that one half of the text chooses for it, scored on the other."""
    for part, choosing_FH in discovery.choosing.items():
        for unit, feature in enumerate(np.abs(choosing_FH).argmax(axis=0)):
            sign = -1 if choosing_FH[feature, unit] < 0 else 1
            label = discovery.labels[feature]
            strength = sign * float(discovery.scoring[part][feature, unit])
            yield Reading(UnitAddress(part.layer, part.name, unit), label, score_of(strength, label.number))


def readable_units(discovery: Discovery) -> Text:
    """How many units tell something clearly, and better than any unit of any untrained network."""
    highest = {each.name: max(each.untrained) for each in discovery.findings}
    everything = list(readings(discovery))
    readable = [
        each
        for each in everything
        if each.score >= (LINEAR if each.label.number else CLEAR) and each.score > highest[each.label.name]
    ]
    share = len(readable) / len(everything)
    together = sum(each.probe.score.estimate > each.best.score.estimate for each in discovery.findings)
    features = Counter(each.label.name for each in readable)
    told = ", ".join(f"{count} {name}" for name, count in features.most_common()) or "nothing"
    return Text(
        f"Most units tell nothing that has a name here. Each of the {len(everything)} (h and c) was asked for the"
        f" feature that suits it best: {len(readable)}, {share:.0%}, tell one clearly (AUC of {CLEAR} or more, R2 of"
        f" {LINEAR} for a number) and better than any unit of the untrained networks: {told}. The other"
        f" {len(everything) - len(readable)} are not readable. They need not be idle: all units together tell more than"
        f" the best one alone in {together} of {len(discovery.findings)} features.",
        {"units": len(everything), "readable": len(readable), "readable_share": share, "readable_by": dict(features)}
        | {"told_better_together": together},
    )


def best_of(discovery: Discovery) -> Finding:
    """The clearest unit of a feature that lasts: of those found, the one furthest above the untrained networks."""
    said = [each for each in discovery.findings if not each.label.number] or discovery.findings
    return max(said, key=lambda each: (each.found, each.best.score.estimate - max(each.untrained)))


def painted(discovery: Discovery, text: Read) -> Iterator[Block]:
    """A stretch of the scoring half on the colours of the best unit, and the same in characters."""
    finding = best_of(discovery)
    stretch = shown(discovery, finding, text.characters)
    low, high = stretch.scale
    title = f"{finding.name}: unit {finding.unit}"
    caption = (
        f"{sentence(finding)} {finding.measure} {finding.best.score.estimate:.3f}."
        f" Blue is {low:.2f}, red is {high:.2f}."
        " The stretch was chosen by the feature alone, so that the unit looks no better than it is."
    )
    yield Picture(title, caption, picture(stretch.characters, stretch.values, stretch.scale, title))
    keys = f"{MARKS[0]} is {low:.2f}, {MARKS[-1]} is {high:.2f}"
    yield Lines("painted", f"The same, the unit's value below each character ({keys})", in_characters(stretch))


def in_characters(stretch: Shown) -> list[str]:
    """Each line of the text, and below it a mark for each of its characters."""
    low, high = stretch.scale
    share_N = np.clip((stretch.values - low) / max(high - low, 1e-12), 0, 1)
    marks = "".join(MARKS[int(level)] for level in np.rint(share_N * (len(MARKS) - 1)))
    ends = [place + 1 for place, character in enumerate(stretch.characters) if character == "\n"]
    lines = []
    for start, stop in pairwise([0, *ends, *([len(marks)] if len(marks) not in ends else [])]):
        for first in range(start, stop, WIDTH):
            at = slice(first, min(first + WIDTH, stop))
            lines += [stretch.characters[at].rstrip("\n").replace("\t", " "), marks[at]]
    return lines
