"""The settings of a component: what each is by default, what it may be, and what it means."""

from __future__ import annotations

import inspect
import re
from dataclasses import MISSING, fields
from enum import Enum
from typing import Any, get_type_hints


def settings_of(config: Any) -> list[dict[str, Any]]:
    """name, value, default, choices (of an enumeration, else none) and meaning of each setting, in their order."""
    own = [field for field in fields(config) if field.name != "name"]
    told = meanings(type(config), [field.name for field in own])
    types = get_type_hints(type(config))
    rows = []
    for field in own:
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        kind = types[field.name]
        choices = [each.value for each in kind] if _is_enumeration(kind) else []
        meaning = told.get(field.name) or (first_sentence(inspect.getdoc(kind)) if choices else "")
        value, default = _plain(getattr(config, field.name)), _plain(default)
        row = {"name": field.name, "value": value, "default": default, "choices": choices, "meaning": meaning}
        rows.append(row)
    return rows


def meanings(config_class: type, names: list[str]) -> dict[str, str]:
    """What the docstrings of a Config and its parents say of each setting: ``name: meaning.``, or ``a, b: meaning.``"""
    name = "|".join(map(re.escape, names))
    opening = re.compile(rf"(?:^|(?<=\s))((?:{name})(?:, (?:{name}))*)(?::\s|\s{{2,}})")
    found: dict[str, str] = {}
    for parent in reversed(config_class.__mro__[:-1]):
        text = inspect.cleandoc(parent.__doc__ or "")
        starts = list(opening.finditer(text))
        ends = [start.start() for start in starts[1:]] + [len(text)]
        for start, end in zip(starts, ends, strict=False):  # no starts, and one end, where nothing is told
            meaning = " ".join(text[start.end() : end].split()).rstrip(".")
            found |= dict.fromkeys(start[1].split(", "), meaning)
    return found


def first_sentence(text: str | None) -> str:
    """Up to the first full stop that ends a line or a sentence."""
    return re.split(r"\.(?:\s|$)", " ".join((text or "").split()), maxsplit=1)[0]


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _is_enumeration(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)
