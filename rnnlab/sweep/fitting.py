"""What only the configuration knows of a space: which part a setting belongs to, and which numbers are whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rnnlab.errors import RequestError, did_you_mean
from rnnlab.sweep.dimensions import Dimension, Interval
from rnnlab.sweep.place import Place
from rnnlab.sweep.space import Space, group_of


def with_owners(space: Space, place: Place) -> Space:
    """The space with ``owners``: a setting that some options of its swept group lack is searched with the others.

    RequestError for a setting that none of them has.
    """
    having: dict[str, dict[str, set[str]]] = {}
    owners: dict[str, tuple[str, ...]] = {}
    for key in space.dimensions:
        group = group_of(key)
        if group == key or group not in space.choices:
            continue
        if group not in having:
            options = space.choices[group]
            having[group] = {option: place.settings([*space.fixed, f"{group}={option}"]) for option in options}
        found = tuple(option for option, settings in having[group].items() if key.lstrip("+") in settings)
        if not found:
            known = sorted(set().union(*having[group].values()))
            raise RequestError(f"{key}: no {group} of this sweep has such a setting{did_you_mean(key, known)}")
        if len(found) < len(having[group]):
            owners[key] = found
    return replace(space, owners=owners)


def with_whole_numbers(space: Space, place: Place) -> Space:
    """The space with whole numbers for the settings that are typed so. RequestError for ends that are not."""
    typed = {key: _typed(key, interval, space, place) for key, interval in space.intervals.items()}
    return replace(space, dimensions={**space.dimensions, **typed})


def _typed(key: str, interval: Interval, space: Space, place: Place) -> Dimension:
    if interval.whole:
        return interval
    low = repr(int(interval.low)) if interval.low.is_integer() else interval.corners[0]
    # The other intervals are left out: they may hold whole numbers too, which is not known yet.
    known = {name: each for name, each in space.dimensions.items() if name == key or name in space.choices}
    alone = replace(space, dimensions=known)
    composed = place.compose(alone.overrides(alone.corner(key, low)), f"at the corner {key}={low}")
    value: Any = composed.plain
    for word in key.lstrip("+").split("."):
        value = value[word]
    if not isinstance(value, int):
        return interval
    if not (interval.low.is_integer() and interval.high.is_integer()):
        ends = f"{interval.low!r} and {interval.high!r}"
        raise RequestError(f"{key} = {ends}: this setting is a whole number, and so must be the ends of its interval")
    return replace(interval, low=int(interval.low), high=int(interval.high), whole=True)
