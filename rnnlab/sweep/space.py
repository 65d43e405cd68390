"""The override list of a sweep, split into what is fixed and what is searched.

``rnnlab train -m cell=elman,lstm stack.depth=range(1,4) optimizer.lr=1e-3 seed=0,1`` has two
dimensions (cell, stack.depth), one fixed override, and two seeds. The grammar is Hydra's; so is the
order of the grid: the last dimension runs fastest.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hydra.core.override_parser.types import Glob, Override

from rnnlab.config import overrides as grammar
from rnnlab.errors import RequestError

Options = Callable[[str], list[str]]
"""The names that a conf group offers, for ``cell=glob(*)``."""

NOT_SEARCHED = ("sweep", "hydra", "tracking", "plugins", "threads", "device")


@dataclass(frozen=True, slots=True)
class Space:
    """A finite space of overrides.

    fixed       the overrides that every trial has, as they were given
    dimensions  key -> values, both as Hydra writes them; in the order of the command line
    seeds       what ``seed=0,1`` asked for; empty where the seed is not swept
    """

    fixed: tuple[str, ...]
    dimensions: dict[str, tuple[str, ...]]
    seeds: tuple[int, ...] = ()

    def __len__(self) -> int:
        count = 1
        for values in self.dimensions.values():
            count *= len(values)
        return count

    def grid(self) -> Iterator[dict[str, str]]:
        """Each combination of values once, in the order of Hydra's own sweeper."""
        for values in itertools.product(*self.dimensions.values()):
            yield dict(zip(self.dimensions, values, strict=True))

    def reference(self) -> dict[str, str]:
        """One combination that does not depend on the order in which values or keys were listed."""
        return {key: min(values) for key, values in sorted(self.dimensions.items())}

    def overrides(self, chosen: dict[str, str]) -> tuple[str, ...]:
        """The override list of one combination: what is fixed, then what was chosen."""
        return (*self.fixed, *(f"{key}={value}" for key, value in chosen.items()))


def parse(arguments: list[str], options: Options) -> Space:
    """Split a sweep's override list; a later override of a key replaces an earlier one, as in Hydra.

    Raises RequestError for what Hydra's grammar does not know, for a continuous range (a grid needs a
    finite list), and for a sweep over something that is not part of a run.
    """
    fixed: dict[str, str] = {}
    dimensions: dict[str, tuple[str, ...]] = {}
    seeds: tuple[int, ...] = ()
    for override in _last_of_each_key(arguments):
        key = override.get_key_element()
        if not override.is_sweep_override():
            fixed[key] = override.input_line or key
            continue
        values = _values(override, options)
        if key == "seed":
            seeds = _seeds(values)
        else:
            dimensions[key] = values
    if seeds and "sweep.seeds" in fixed:
        raise RequestError("seed and sweep.seeds are both given: seed=0,1 means sweep.seeds=[0,1]; keep one")
    return Space(tuple(fixed.values()), dimensions, seeds)


def _last_of_each_key(arguments: list[str]) -> list[Override]:
    return list({override.get_key_element(): override for override in grammar.parse(arguments)}.values())


def _values(override: Override, options: Options) -> tuple[str, ...]:
    """The finite list of values that a swept override stands for, as strings of the override grammar."""
    key, line = override.get_key_element(), override.input_line
    if key.lstrip("+").replace("/", ".").split(".")[0] in NOT_SEARCHED:
        raise RequestError(f"{line}: {key} is not part of what a run computes, so it cannot be swept over")
    if override.is_interval_sweep():
        raise RequestError(f"{line}: a grid needs a finite list of values, as {key}=a,b,c or {key}=range(1,4)")
    value = override.value()
    if isinstance(value, Glob):
        names = options(override.key_or_group)
        values = tuple(value.filter(names))
        possible = f"none of {', '.join(names) or 'no options'} matches"
    else:
        values = tuple(override.sweep_string_iterator())
        possible = "the list of values is empty"
    if not values:
        raise RequestError(f"{line}: {possible}")
    return tuple(dict.fromkeys(values))


def _seeds(values: tuple[str, ...]) -> tuple[int, ...]:
    if not all(value.lstrip("-").isdigit() for value in values):
        raise RequestError(f"seed={','.join(values)}: each seed must be a whole number")
    return tuple(int(value) for value in values)
