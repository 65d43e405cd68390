"""The override list of a sweep, split into what is fixed and what is searched.

``rnnlab train -m cell=elman,lstm stack.depth=range(1,4) optimizer.lr=1e-3 seed=0,1`` has two
dimensions (cell, stack.depth), one fixed override, and two seeds. The grammar is Hydra's; so is the
order of the grid: the last dimension runs fastest. ``optimizer.lr=tag(log,interval(1e-4,3e-2))`` is a
dimension for samplers that draw.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from hydra.core.override_parser.types import Glob, IntervalSweep, Override, Sweep

from rnnlab.config import overrides as grammar
from rnnlab.errors import RequestError
from rnnlab.sweep.dimensions import Choices, Dimension, Interval

Options = Callable[[str], list[str]]
"""The names that a conf group offers, for ``cell=glob(*)``."""

NOT_SEARCHED = ("sweep", "hydra", "tracking", "plugins", "threads", "device")


@dataclass(frozen=True, slots=True)
class Space:
    """A space of overrides.

    fixed       the overrides that every trial has, as they were given
    dimensions  key -> its values, as Hydra writes them; in the order of the command line
    seeds       what ``seed=0,1`` asked for; empty where the seed is not swept
    owners      key -> the options of its swept group that have it, for a key that some option lacks:
                {"cell.forget_bias": ("lstm",)} where cell=elman,lstm
    """

    fixed: tuple[str, ...]
    dimensions: dict[str, Dimension]
    seeds: tuple[int, ...] = ()
    owners: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def size(self) -> float:
        """How many combinations there are; infinity with an interval of real numbers."""
        return math.prod(dimension.size for dimension in self.dimensions.values())

    @property
    def choices(self) -> dict[str, tuple[str, ...]]:
        """The dimensions that are lists."""
        return {key: each.values for key, each in self.dimensions.items() if isinstance(each, Choices)}

    @property
    def intervals(self) -> dict[str, Interval]:
        """The dimensions that are intervals."""
        return {key: each for key, each in self.dimensions.items() if isinstance(each, Interval)}

    def grid(self) -> Iterator[dict[str, str]]:
        """Each combination of listed values once, in the order of Hydra's own sweeper."""
        for values in itertools.product(*self.choices.values()):
            yield dict(zip(self.choices, values, strict=True))

    def reference(self) -> dict[str, str]:
        """One combination that does not depend on the order of values or keys."""
        return self.belonging(self._middle())

    def corners(self) -> Iterator[tuple[str, dict[str, str]]]:
        """(``key=value``, combination) for each corner of each dimension, all others as in the reference."""
        for key, dimension in self.dimensions.items():
            for value in dimension.corners:
                yield f"{key}={value}", self.corner(key, value)

    def corner(self, key: str, value: str) -> dict[str, str]:
        """The reference with another value of one dimension, and with a part that has this dimension."""
        chosen = self._middle()
        if key in self.owners:
            chosen[group_of(key)] = min(self.owners[key])
        return self.belonging(chosen | {key: value})

    def _middle(self) -> dict[str, str]:
        """The first of each list by its alphabet, and the middle of each interval."""
        return {key: each.reference for key, each in sorted(self.dimensions.items())}

    def belonging(self, chosen: dict[str, str]) -> dict[str, str]:
        """A combination without the parameters of parts that it does not have."""
        return {key: value for key, value in chosen.items() if self.belongs(key, chosen)}

    def belongs(self, key: str, chosen: Mapping[str, str]) -> bool:
        """Whether the part that was chosen has this setting."""
        return key not in self.owners or chosen[group_of(key)] in self.owners[key]

    def overrides(self, chosen: dict[str, str]) -> tuple[str, ...]:
        """The override list of one combination: what is fixed, then what was chosen."""
        return (*self.fixed, *(f"{key}={value}" for key, value in chosen.items()))


def group_of(key: str) -> str:
    """The first word of a key: ``cell`` of ``cell.forget_bias``, ``++cell.forget_bias`` and ``cell``."""
    return key.lstrip("+~").replace("/", ".").split(".")[0]


def parse(arguments: list[str], options: Options) -> Space:
    """Split a sweep's override list; a later override of a key replaces an earlier one, as in Hydra.

    Raises RequestError for what Hydra's grammar does not know, for an empty list or interval, and for a
    sweep over something that is not part of a run.
    """
    fixed: dict[str, str] = {}
    dimensions: dict[str, Dimension] = {}
    seeds: tuple[int, ...] = ()
    for override in _last_of_each_key(arguments):
        key = override.get_key_element()
        if not override.is_sweep_override():
            fixed[key] = override.input_line or key
        elif key == "seed":
            seeds = _seeds(_dimension(override, options))
        else:
            dimensions[key] = _dimension(override, options)
    if seeds and "sweep.seeds" in fixed:
        raise RequestError("seed and sweep.seeds are both given: seed=0,1 means sweep.seeds=[0,1]; keep one")
    return Space(tuple(fixed.values()), dimensions, seeds)


def _last_of_each_key(arguments: list[str]) -> list[Override]:
    return list({override.get_key_element(): override for override in grammar.parse(arguments)}.values())


def _dimension(override: Override, options: Options) -> Dimension:
    """What a swept override stands for."""
    key, line = override.get_key_element(), override.input_line
    if group_of(key) in NOT_SEARCHED:
        raise RequestError(f"{line}: {key} is not part of what a run computes, so it cannot be swept over")
    value = override.value()
    if isinstance(value, IntervalSweep):
        return _interval(value, f"{line}")
    if isinstance(value, Sweep) and "log" in value.tags:
        raise RequestError(f"{line}: only an interval can be logarithmic, as {key}=tag(log,interval(1,100))")
    if isinstance(value, Glob):
        names = options(override.key_or_group)
        values = tuple(value.filter(names))
        possible = f"none of {', '.join(names) or 'no options'} matches"
    else:
        values = tuple(override.sweep_string_iterator())
        possible = "the list of values is empty"
    if not values:
        raise RequestError(f"{line}: {possible}")
    return Choices(tuple(dict.fromkeys(values)))


def _interval(sweep: IntervalSweep, line: str) -> Interval:
    low, high = sweep.start, sweep.end
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        raise RequestError(f"{line}: both ends of an interval must be finite")
    if not low < high:
        raise RequestError(f"{line}: the interval is empty; its first end must be below the second")
    if unknown := sorted(sweep.tags - {"log"}):
        raise RequestError(f"{line}: no such tag: {unknown[0]}; an interval can have log")
    if sweep.tags and low <= 0:
        raise RequestError(f"{line}: a logarithmic interval must begin above 0")
    return Interval(low, high, log=bool(sweep.tags), whole=isinstance(low, int))


def _seeds(dimension: Dimension) -> tuple[int, ...]:
    values = dimension.listed
    if not all(value.lstrip("-").isdigit() for value in values):
        raise RequestError(f"seed={','.join(values)}: each seed must be a whole number")
    return tuple(int(value) for value in values)
