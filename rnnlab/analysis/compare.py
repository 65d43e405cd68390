"""What differs between two runs: in configuration, in environment, in results. Pure dictionary logic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnlab.tracking.folder import ENVIRONMENT, RunFolder

ABSENT = "(absent)"
"""Stands for a key that only the other side has."""

Differences = dict[str, tuple[Any, Any]]

# These differ between any two runs and explain nothing.
_OWN_TO_A_RUN = ("created", "run_id", "checkpoint", "overrides")


@dataclass(frozen=True)
class Comparison:
    """Dotted keys to the two values, first run first; ``ABSENT`` where a side lacks the key.

    ``same_weights`` is None where one of the two is not done.
    """

    configuration: Differences
    environment: Differences
    results: Differences
    same_weights: bool | None


def compare_runs(a: RunFolder, b: RunFolder) -> Comparison:
    """Compare what two run folders recorded. ``RequestError`` where one has no configuration."""
    results_a, results_b = a.result() or {}, b.result() or {}
    weights_a, weights_b = results_a.get("weights_sha256"), results_b.get("weights_sha256")
    return Comparison(
        configuration=differences(a.config(), b.config()),
        environment=differences(_environment(a), _environment(b), _OWN_TO_A_RUN),
        results=differences(results_a, results_b, _OWN_TO_A_RUN),
        same_weights=None if weights_a is None or weights_b is None else weights_a == weights_b,
    )


def differences(a: Mapping[str, Any], b: Mapping[str, Any], aside: tuple[str, ...] = ()) -> Differences:
    """The dotted keys whose values differ, in the order of ``a``, then what only ``b`` has.

    Keys named in ``aside`` (at the top) are left out. Two NaN are equal; 1 and 1.0 are, 1 and True are not.
    """
    flat_a = flatten({key: value for key, value in a.items() if key not in aside})
    flat_b = flatten({key: value for key, value in b.items() if key not in aside})
    pairs = {key: (flat_a.get(key, ABSENT), flat_b.get(key, ABSENT)) for key in {**flat_a, **flat_b}}
    return {key: pair for key, pair in pairs.items() if not _same(*pair)}


def flatten(nested: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """``{"cell": {"name": "lstm"}}`` as ``{"cell.name": "lstm"}``; lists are values."""
    flat: dict[str, Any] = {}
    for key, value in nested.items():
        if isinstance(value, Mapping) and value:
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _environment(run: RunFolder) -> dict[str, Any]:
    return run.read_json(ENVIRONMENT) if (run.path / ENVIRONMENT).exists() else {}


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, bool) is not isinstance(b, bool):
        return False
    return a == b or (a != a and b != b)
