"""What stands on the command line, checked word by word before Hydra sees it.

Here falls what Hydra would let pass, or say in many lines: a sweep without ``-m``, an option that a
group does not have, a part chosen by its name field, a key to delete, a ``_target_``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Glob, Override, QuotedString
from hydra.errors import HydraException

from rnnlab.config import registry
from rnnlab.config.groups import CHOSEN, GROUPS
from rnnlab.config.recipes import recipes
from rnnlab.errors import RequestError


def parse(overrides: list[str]) -> list[Override]:
    """Overrides in Hydra's grammar. RequestError for the first one that does not follow it."""
    return [_parse_one(text) for text in overrides]


@lru_cache(maxsize=4096)
def _parse_one(text: str) -> Override:
    try:
        (override,) = OverridesParser.create().parse_overrides([text])
    except HydraException as error:
        lines = [line for line in str(error).splitlines() if not line.startswith("Error parsing override")]
        reason = lines[0] if lines else "it cannot be read"
        raise RequestError(f"{text}: not of the form key=value: {reason}") from error
    if not override.key_or_group:
        raise RequestError(f"{text}: not of the form key=value: the key is missing")
    return override


def check_all(overrides: list[str], config_dir: str | None = None, *, multirun: bool = False) -> list[Override]:
    """Parse and check; with ``multirun`` an override may hold several values, each of which is checked."""
    parsed = parse(overrides)
    for override in parsed:
        check(override, config_dir, multirun=multirun)
    return parsed


def check(override: Override, config_dir: str | None, *, multirun: bool = False) -> None:
    """Raise RequestError for an override that can never be right, whatever the rest says."""
    key, text = override.key_or_group, override.input_line or ""
    if is_hydra(override):
        return
    if override.is_sweep_override() and not multirun:
        raise RequestError(f"{text}: several values; add -m to run them all")
    if "_target_" in text:
        raise RequestError(f"{text}: _target_ is not possible here: a configuration never names code")
    if override.is_delete():
        raise RequestError(f"{text}: a setting cannot be taken away; give it another value with {key}=...")
    group = re.fullmatch(r"(\w+)\.name", key)
    if group and group[1] in GROUPS:
        raise RequestError(f"{text}: a part is chosen with {group[1]}=..., not by its name field")
    if key in CHOSEN:
        _check_choice(override, config_dir)


def without_plus(parsed: Sequence[Override]) -> list[str]:
    """The overrides for Hydra, ``+key`` as ``key``: with + Hydra adds a key that no schema has, a dead one."""
    return [(o.input_line or "") if is_hydra(o) else (o.input_line or "").lstrip("+") for o in parsed]


def refuse_plus(parsed: list[Override]) -> None:
    """``+`` asks for a new key. Once all keys are known to exist, a single + is a mistake; ++ is none."""
    for override in parsed:
        if override.is_add() and not is_hydra(override):
            raise RequestError(f"{override.input_line}: this setting exists; leave out the +")


def is_hydra(override: Override) -> bool:
    """Whether an override is for Hydra itself and no part of the experiment."""
    return bool(re.match(r"hydra(\.|/|$)", override.key_or_group))


def choices(group: str, config_dir: str | None = None) -> list[str]:
    """All that may follow ``group=``: components, and recipes over them; or whole recipes, after ``recipe=``."""
    components = registry.names(group) if group in GROUPS else []
    return sorted({*components, *recipes(group, config_dir)})


def plugins_named(parsed: list[Override]) -> list[str]:
    """The modules of ``plugins=[...]`` on the command line; the last one counts."""
    named: list[str] = []
    for override in parsed:
        if override.key_or_group == "plugins":
            value = override.value()
            if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
                raise RequestError(f"{override.input_line}: a list is needed, plugins=[mylab]")
            named = [str(name) for name in value]
    return named


def _check_choice(override: Override, config_dir: str | None) -> None:
    group, text = override.key_or_group, override.input_line
    if override.package is not None or override.is_add():
        raise RequestError(f"{text}: a part is chosen with {group}=..., without + or @")
    possible = choices(group, config_dir)
    for name in _chosen(override):
        if not isinstance(name, str) or name not in possible:
            raise RequestError(registry.unknown_option(group, "" if name is None else str(name), possible))


def _chosen(override: Override) -> list[object]:
    """The options that an override names: one, those of a sweep, or none for a pattern (``glob(*)``)."""
    value = override.value()
    if isinstance(value, Glob):
        return []
    if not isinstance(value, ChoiceSweep):
        return [value]
    return [each.text if isinstance(each, QuotedString) else each for each in value.list]
