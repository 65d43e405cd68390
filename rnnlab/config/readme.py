"""conf/README.md: the map from what one writes to what it is. ``python -m rnnlab.config.readme`` writes it anew."""

from __future__ import annotations

from pathlib import Path

from rnnlab.config.groups import CHOSEN
from rnnlab.config.listing import Choice, choices, default_choice
from rnnlab.config.recipes import conf_folder
from rnnlab.config.source import PACKAGE_FOLDER

HEAD = """\
# What can stand in an experiment

This file is written by `python -m rnnlab.config.readme`, from the sources.

A run is put together from one option of each group: `rnnlab train cell=gru stack.depth=2`. A component is a
class, whose nested `Config` is the one home of its defaults; a recipe is a YAML file over one. `train.yaml`
holds the defaults list; what it names is **bold** here. `rnnlab train cell=gru --cfg job` shows what came of it.

`recipe=NAME` stands for settings of several groups at once; what else is said wins over it.

A component is added as one Python file in its group's folder, a recipe as one YAML file here. Components of
your own need not be in this tree: `plugins=[mylab]`, `RNNLAB_PLUGINS=mylab`, or `plugins = ["mylab"]` under
`[tool.rnnlab]` in your pyproject.toml.
"""


def text() -> str:
    """The whole file."""
    return "\n".join([HEAD, *map(_section, CHOSEN)])


def _section(group: str) -> str:
    lines = [f"## {group}", "", "| write | class | file | what |", "|---|---|---|---|"]
    default = default_choice(group)
    for choice in choices(group, plugins=False):
        written = f"`{group}={choice.name}`"
        shown = f"**{written}**" if choice.name == default else written
        kind = f"`{choice.class_name}`" if choice.class_name else "recipe"
        lines.append(f"| {shown} | {kind} | {_place(choice)} | {choice.summary} |")
    return "\n".join([*lines, ""])


def _place(choice: Choice) -> str:
    if choice.file.is_relative_to(conf_folder()):
        inside = choice.file.relative_to(conf_folder()).as_posix()
        return f"[conf/{inside}]({inside})"
    inside = choice.file.relative_to(PACKAGE_FOLDER.parent).as_posix()
    return f"[{inside}](../{inside})"


def write(file: Path) -> None:
    file.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    write(conf_folder() / "README.md")
