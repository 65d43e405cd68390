"""The named sweeps of sweeps/: YAML files in the form that Hydra users know.

    # @package _global_
    # What is asked, in a line.
    hydra:
      mode: MULTIRUN
      sweeper:
        params:
          cell: elman,lstm
          trainer.max_steps: 300

``rnnlab sweep NAME key=value`` is ``rnnlab train -m`` with these parameters first. What goes along with some of
those words is said beside ``hydra``; ``size`` is a word for presets alone:

    variants:
      data=digits: {task: classification}
      size=full: {sweep.n_trials: 1800}
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from rnnlab.config.recipes import recipe_summary
from rnnlab.config.source import PACKAGE_FOLDER
from rnnlab.errors import RequestError, did_you_mean

FOLDER = "sweeps"
SIZE = "size="
Parameters = dict[str, Any]


def presets() -> dict[str, Path]:
    """All presets by name: rnnlab's own, and those in ./sweeps, which come first."""
    installed = PACKAGE_FOLDER / FOLDER
    own = installed if installed.is_dir() else PACKAGE_FOLDER.parent / FOLDER
    files = [file for folder in (own, Path(FOLDER)) for file in sorted(folder.glob("*.yaml"))]
    return {file.stem: file for file in files}


def summary(name: str) -> str:
    """The line that says what a preset asks."""
    return recipe_summary(presets()[name])


def preset_overrides(name: str, given: Sequence[str] = ()) -> list[str]:
    """The overrides that a preset stands for, with those that were given after its name.

    RequestError for an unknown name, a size that it does not have, or a file of another form.
    """
    known = presets()
    if name not in known:
        raise RequestError(f"sweep {name!r}: no such preset; there are {', '.join(known)}{did_you_mean(name, known)}")
    parameters, variants = _content(known[name])
    for word in given:
        if word.startswith(SIZE) and word not in variants:
            sizes = ", ".join(each for each in variants if each.startswith(SIZE)) or "one size only"
            raise RequestError(f"{word}: sweep {name!r} has {sizes}")
    for word, along in variants.items():
        if word in given:
            parameters |= along
    words = [f"{key}={_written(name, key, value)}" for key, value in parameters.items()]
    return [*words, *(word for word in given if not word.startswith(SIZE))]


def _content(file: Path) -> tuple[Parameters, dict[str, Parameters]]:
    """The parameters of a preset, and those that go along with a word."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RequestError(f"{file}: cannot be read as YAML: {' '.join(str(error).split())}") from error
    match content:
        case {
            "hydra": {"mode": "MULTIRUN", "sweeper": {"params": dict(parameters), **rest}, **others},
            **more,
        }:
            variants: Any = more.pop("variants", {})
            if not (rest or others or more) and _are_variants(variants):
                return parameters, variants
    form = "hydra.mode: MULTIRUN, hydra.sweeper.params, and perhaps variants"
    raise RequestError(f"{file}: a preset has {form}, and nothing else")


def _are_variants(variants: Any) -> bool:
    return isinstance(variants, dict) and all(isinstance(along, dict) for along in variants.values())


def _written(name: str, key: str, value: Any) -> str:
    """A value of YAML in Hydra's override grammar."""
    if value is None:
        return "null"
    if isinstance(value, list | dict):
        raise RequestError(f"sweep {name!r}: {key}: write the values as one string, 'a,b,c'")
    return str(value)
