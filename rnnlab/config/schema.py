"""What every component's Config shares: its name, and which fields belong to a trial's identity."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from rnnlab.errors import RequestError


@dataclass(kw_only=True, slots=True)
class ComponentConfig:
    """Base of the ``Config`` nested in each component class.

    ``name`` is the option that was chosen in the component's group (``cell=lstm`` gives ``lstm``).
    The registry fills it in, and builds a component from (group, name): so a class without a
    ``Config`` of its own, or a recipe over another one, still builds what was asked for.
    """

    name: str = ""


def aside(default: Any = None, *, default_factory: Any = None) -> Any:
    """A dataclass field that does not belong to the identity of a trial.

    Threads, paths, worker counts and logging may change while the trial remains the same one.
    """
    if default_factory is not None:
        return field(default_factory=default_factory, metadata={"identity": False})
    return field(default=default, metadata={"identity": False})


def late(default: Any) -> Any:
    """A field that was added when runs were stored already, whose default is what they did.

    With that value it is left out of the identity: so the trials of before keep theirs.
    """
    return field(default=default, metadata={"late": True})


MISSING = "???"
"""omegaconf.MISSING, without the cost of its import."""


def late_group(default: str) -> Any:
    """The same for a whole group: with the option ``default`` it is left out of the identity."""
    return field(default=MISSING, metadata={"late_option": default})


def identity(config: Any) -> dict[str, Any]:
    """The fields of a (nested) dataclass that can change a result, as plain dictionaries."""
    chosen: dict[str, Any] = {}
    for f in fields(config):
        if not f.metadata.get("identity", True):
            continue
        value = getattr(config, f.name)
        if f.metadata.get("late") and value == f.default:
            continue
        if "late_option" in f.metadata and value.name == f.metadata["late_option"]:
            continue
        chosen[f.name] = identity(value) if is_dataclass(value) else value
    return chosen


def require(condition: bool, where: str, given: Any, possible: str) -> None:
    """Raise the one-line ``RequestError`` that names the field, its value and what is possible."""
    if not condition:
        raise RequestError(f"{where} = {given!r}: {possible}")
