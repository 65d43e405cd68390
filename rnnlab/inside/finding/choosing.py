"""Which unit goes along with a feature best, and how it does on text that the choice never saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from rnnlab.features.base import Kind, Source
from rnnlab.features.catalogue import features_for
from rnnlab.features.catalogue import labels as label_all
from rnnlab.features.languages import language_of
from rnnlab.inside.activations import Activations, collect, state_parts
from rnnlab.inside.finding.halves import Halves
from rnnlab.inside.finding.labelled import Labelled
from rnnlab.inside.finding.ranking import strengths
from rnnlab.inside.reading import Part
from rnnlab.inside.subject import Subject
from rnnlab.inside.text import Text
from rnnlab.inside.units import UnitAddress

DIGITS = 5
"""Strengths that differ by less are equal: their products are summed in float32."""

StrengthTable = Mapping[Part, np.ndarray]
"""Of each part the strengths of F features and H units, (F, H)."""


class Choice(NamedTuple):
    """sign: 1 where the unit is high when the feature is, -1 where it is low. strength: with that sign, in [-1, 1]."""

    unit: UnitAddress
    sign: int
    strength: float


def strongest(table: StrengthTable, feature: int) -> Choice:
    """The unit with the largest strength, up or down, of all parts; among equals the first."""
    best: Choice | None = None
    for part, strengths_FH in table.items():
        strengths_H = strengths_FH[feature].round(DIGITS)
        unit = int(np.abs(strengths_H).argmax())
        strength = float(abs(strengths_H[unit]))
        if best is None or strength > best.strength:
            best = Choice(UnitAddress(part.layer, part.name, unit), -1 if strengths_H[unit] < 0 else 1, strength)
    assert best is not None, "a table has at least one part"
    return best


def strength_table(activations: Activations, labels: Sequence[Labelled], places: np.ndarray) -> StrengthTable:
    """The strengths of all units at some places of the text."""
    return {part: strengths(values_NH, labels, places) for part, values_NH in activations.values.items()}


def held_out(activations: Activations, labels: Sequence[Labelled], halves: Halves) -> list[Choice]:
    """For each feature the unit that one half chooses, with its strength on the other."""
    table = strength_table(activations, labels, halves.choosing)
    return [on_the_other(strongest(table, number), activations, label, halves) for number, label in enumerate(labels)]


def on_the_other(choice: Choice, activations: Activations, label: Labelled, halves: Halves) -> Choice:
    """The same unit and sign, with the strength that it has on the scoring half."""
    unit = choice.unit
    column_N1 = activations.values[unit.part][:, unit.unit : unit.unit + 1]
    return choice._replace(strength=choice.sign * float(strengths(column_N1, [label], halves.scoring)[0, 0]))


def labelled(
    source: Source,
    names: Sequence[str] = (),
    plugins: Sequence[str] = (),
    say: Callable[[str], None] = lambda line: None,
) -> list[Labelled]:
    """The features of a text, or some of them by name, with what is true at each character.

    RequestError for an unknown name, or a named feature that the text does not have; others are left out and said.
    """
    features = features_for(source, names, plugins)
    found = label_all(source, features, names, say)
    return [
        Labelled(feature.name, feature.about, feature.kind is Kind.number, found[feature.name].astype(np.float32))
        for feature in features
        if feature.name in found
    ]


def source_of(text: Text, language: str | None = None) -> Source:
    """A text as features read it; in the language that was asked for, or that its name or itself tells."""
    return Source(text.characters, language_of(text.kind, text.characters, language))


def best_unit(subject: Subject, feature: str, language: str | None = None, plugins: Sequence[str] = ()) -> UnitAddress:
    """The unit of all layers' states that goes along best with one feature over the whole text.

    A choice and no claim: how it does on other text is not asked here. RequestError where there is no such
    feature, or the text does not have it.
    """
    label = labelled(source_of(subject.text, language), [feature], plugins)
    activations = collect(subject.model, subject.text.symbols_N, state_parts(subject.model.stack))
    return strongest(strength_table(activations, label, np.arange(len(subject.text))), 0).unit
