"""Composition by Hydra: once for each choice of parts, since it takes fifty milliseconds; settings take two."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import hydra
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from rnnlab.config.groups import CHOSEN
from rnnlab.config.overrides import is_hydra, without_plus
from rnnlab.config.recipes import conf_folder, extra_folder
from rnnlab.config.scope import hydra_scope

Stamp = tuple[tuple[str, int], ...]
"""Path and time of every YAML file that can be composed: an edited recipe is read again."""

REMEMBERED = 64


def composed(parsed: Sequence[Override], plugins: list[str], config_dir: str | None, config_name: str) -> DictConfig:
    """What Hydra composes. Raises Hydra's and OmegaConf's own errors.

    Settings are put onto the chosen parts with the call that Hydra itself ends with. Whatever is not plain, and
    whatever fails, goes through Hydra whole.
    """
    if all(_is_plain(override) for override in parsed):
        chosen = tuple(o.input_line or "" for o in parsed if o.key_or_group in CHOSEN)
        config = copy.deepcopy(_parts(chosen, tuple(plugins), config_dir, config_name, _stamp(config_dir)))
        try:
            for override in parsed:
                if override.key_or_group not in (*CHOSEN, "plugins"):  # those are in the parts already
                    OmegaConf.update(config, override.key_or_group, override.value(), merge=True)
            return config
        except OmegaConfBaseException:
            pass  # Hydra says it with the words that explain.py knows
    return by_hydra(without_plus(parsed), plugins, config_dir, config_name)


def by_hydra(lines: Sequence[str], plugins: Sequence[str], config_dir: str | None, config_name: str) -> DictConfig:
    """All of it by Hydra."""
    named = [f"plugins=[{','.join(plugins)}]"] if plugins else []
    with hydra_scope(config_dir, config_name) as (_, added):
        return hydra.compose(config_name, [*lines, *added, *named])


@lru_cache(maxsize=REMEMBERED)
def _parts(
    chosen: tuple[str, ...], plugins: tuple[str, ...], config_dir: str | None, config_name: str, stamp: Stamp
) -> DictConfig:
    return by_hydra(chosen, plugins, config_dir, config_name)


def _is_plain(override: Override) -> bool:
    """``key=value``: nothing added or deleted, no package, not for Hydra itself."""
    added = override.is_add() or override.is_force_add() or override.is_delete()
    return not (added or is_hydra(override) or override.package is not None or override.is_sweep_override())


def _stamp(config_dir: str | None) -> Stamp:
    folders = [conf_folder(), extra_folder(config_dir)]
    files = [file for folder in folders if isinstance(folder, Path) for file in sorted(folder.rglob("*.yaml"))]
    return tuple((str(file), file.stat().st_mtime_ns) for file in files)
