"""The named sweeps of sweeps/: YAML files in the form that Hydra users know.

    # @package _global_
    # What is asked, in a line.
    hydra:
      mode: MULTIRUN
      sweeper:
        params:
          cell: elman,lstm
          trainer.max_steps: 300

``rnnlab sweep NAME key=value`` is ``rnnlab train -m`` with these parameters first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from rnnlab.config.recipes import recipe_summary
from rnnlab.config.source import PACKAGE_FOLDER
from rnnlab.errors import RequestError, did_you_mean

FOLDER = "sweeps"


def presets() -> dict[str, Path]:
    """All presets by name: rnnlab's own, and those in ./sweeps, which come first."""
    installed = PACKAGE_FOLDER / FOLDER
    own = installed if installed.is_dir() else PACKAGE_FOLDER.parent / FOLDER
    files = [file for folder in (own, Path(FOLDER)) for file in sorted(folder.glob("*.yaml"))]
    return {file.stem: file for file in files}


def summary(name: str) -> str:
    """The line that says what a preset asks."""
    return recipe_summary(presets()[name])


def preset_overrides(name: str) -> list[str]:
    """The overrides that a preset stands for. RequestError for an unknown name or a file of another form."""
    known = presets()
    if name not in known:
        raise RequestError(f"sweep {name!r}: no such preset; there are {', '.join(known)}{did_you_mean(name, known)}")
    return [f"{key}={_written(name, key, value)}" for key, value in _parameters(known[name]).items()]


def _parameters(file: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RequestError(f"{file}: cannot be read as YAML: {' '.join(str(error).split())}") from error
    match content:
        case {
            "hydra": {"mode": "MULTIRUN", "sweeper": {"params": dict(parameters), **rest}, **others},
            **more,
        }:
            if not (rest or others or more):
                return parameters
    raise RequestError(f"{file}: a preset has hydra.mode: MULTIRUN and hydra.sweeper.params, and nothing else")


def _written(name: str, key: str, value: Any) -> str:
    """A value of YAML in Hydra's override grammar."""
    if value is None:
        return "null"
    if isinstance(value, list | dict):
        raise RequestError(f"sweep {name!r}: {key}: write the values as one string, 'a,b,c'")
    return str(value)
