"""Components that stand outside rnnlab: which plug-ins are named, and what they hold.

A plug-in is an importable module or package. It is named on the command line (``plugins=[mylab]``),
in ``RNNLAB_PLUGINS`` or in ``[tool.rnnlab] plugins`` of ./pyproject.toml, and never by a stored
configuration: that would let a file from elsewhere choose what runs here.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from rnnlab.config.source import module_files
from rnnlab.errors import RequestError


def ambient_plugins() -> list[str]:
    """The plug-ins that RNNLAB_PLUGINS and ./pyproject.toml name."""
    named = [name.strip() for name in os.environ.get("RNNLAB_PLUGINS", "").split(",")]
    return list(dict.fromkeys([name for name in named if name] + _project_plugins(Path("pyproject.toml"))))


def _project_plugins(file: Path) -> list[str]:
    if not file.is_file():
        return []
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RequestError(f"{file}: not valid TOML: {error}") from error
    named = content.get("tool", {}).get("rnnlab", {}).get("plugins", [])
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        raise RequestError(f"{file}: tool.rnnlab.plugins = {named!r}: a list of module names is needed")
    return named


def put_working_directory_on_path() -> None:
    """Make modules beside the user importable, after everything that is installed."""
    here = os.getcwd()
    if here not in sys.path and "" not in sys.path:
        sys.path.append(here)


def plugin_modules(plugin: str) -> list[ModuleType]:
    """Import a plug-in with all that lies below it. RequestError where it is absent or does not import."""
    put_working_directory_on_path()
    return [import_module(name, f"plugins=[{plugin}]") for name, _ in module_files(plugin)]


def import_module(name: str, asked: str) -> ModuleType:
    """Import a module; whatever goes wrong becomes one line that says what was asked for and why it failed."""
    try:
        return importlib.import_module(name)
    except RequestError:
        raise
    except Exception as error:  # foreign code may raise anything while it is imported
        reason = str(error).splitlines()[0] if str(error) else "no reason given"
        raise RequestError(
            f"{asked}: the module {name} cannot be imported: {type(error).__name__}: {reason}"
        ) from error


def concrete_classes(module: ModuleType, base: type) -> list[type]:
    """The public, concrete descendants of ``base`` that are defined in a module itself."""
    return [
        member
        for name, member in vars(module).items()
        if isinstance(member, type)
        and issubclass(member, base)
        and member is not base
        and member.__module__ == module.__name__
        and not name.startswith("_")
        and not inspect.isabstract(member)
    ]


def only_class(classes: Iterable[type], module: str, group: str) -> type:
    """The one component of its group in a module. RequestError for none or several."""
    found = list(classes)
    if len(found) == 1:
        return found[0]
    if not found:
        raise RequestError(f"{group}: the module {module} holds no concrete {group}")
    names = ", ".join(c.__name__ for c in found)
    raise RequestError(
        f"{group}: the module {module} holds {names}; give each a module of its own, after which it is named"
    )
