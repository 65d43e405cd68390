"""All that may follow ``group=``, for people: components, recipes over them, and what plug-ins add.

Read from files alone, for ``rnnlab ls``, shell completion and conf/README.md; nothing is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from rnnlab.config.groups import GROUPS
from rnnlab.config.plugins import ambient_plugins, put_working_directory_on_path
from rnnlab.config.recipes import PRIMARY, conf_folder, recipe_summary, recipes
from rnnlab.config.source import options, plugin_options, root_settings, settings


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a group, in a line. ``class_name`` is empty for a recipe, whose file is YAML."""

    group: str
    name: str
    summary: str
    class_name: str
    file: Path


def choices(group: str, *, plugins: bool = True) -> list[Choice]:
    """The options of a group, or all recipes, by name; those of plug-ins that the environment names with them."""
    over = [Choice(group, name, recipe_summary(file), "", file) for name, file in recipes(group).items()]
    if group not in GROUPS:
        return over
    found = dict(options(GROUPS[group]))
    if plugins and (named := ambient_plugins()):
        put_working_directory_on_path()
        for plugin in named:
            found |= plugin_options(GROUPS[group], plugin)
    own = [Choice(group, o.name, o.written.summary, o.written.name, o.written.file) for o in found.values()]
    return sorted([*own, *over], key=lambda choice: choice.name)


def default_choice(group: str) -> str:
    """The option that the defaults list of conf/train.yaml has for a group."""
    primary = yaml.safe_load((conf_folder() / f"{PRIMARY}.yaml").read_text(encoding="utf-8"))
    return str(next(entry[group] for entry in primary["defaults"] if isinstance(entry, dict) and group in entry))


def setting_names(group: str, chosen: str | None = None) -> list[str]:
    """The settings of a group's chosen option; of all its options where a recipe or plug-in was chosen."""
    own = options(GROUPS[group])
    name = chosen or default_choice(group)
    picked = [own[name]] if name in own else list(own.values())
    return sorted({setting for option in picked for setting in settings(option)} - {"name"})


def root_names() -> list[str]:
    """The settings that stand outside all groups."""
    return root_settings()
