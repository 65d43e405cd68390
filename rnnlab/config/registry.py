"""(group, name) -> class, for rnnlab's own components and those of plug-ins.

Options are named after their modules: ``cell=lstm`` is the one concrete Cell in
rnnlab/models/cells/lstm.py. What is there is known from the files; a module is imported when its
component is wanted, or when its Config is wanted as a schema.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rnnlab.config.groups import DEFAULT, GROUPS, NAMED, Group, find_group
from rnnlab.config.plugins import concrete_classes, import_module, only_class, plugin_modules
from rnnlab.config.source import options
from rnnlab.errors import RequestError, did_you_mean

_added: dict[tuple[str, str], str] = {}
"""(group, option) -> module, for the components of the plug-ins loaded so far."""
_loaded: set[str] = set()


def names(group: str) -> list[str]:
    """The options of a group, in alphabetical order: rnnlab's own and those of loaded plug-ins."""
    return sorted(_modules(find_group(group)))


def component(group: str, name: str) -> type[Any]:
    """The class behind ``group=name``. RequestError for an unknown name or a module that does not import."""
    found = find_group(group)
    modules = _modules(found)
    if name not in modules:
        raise RequestError(unknown_option(group, name, modules))
    module = import_module(modules[name], f"{group}={name}")
    if found.package is None:
        return named_class(found.base, f"{group}={name}")
    return only_class(concrete_classes(module, base(found)), modules[name], group)


def base(group: Group) -> type[Any]:
    """The class from which every component of a group descends."""
    return named_class(group.base, group.name)


def named_class(reference: str, asked: str) -> type[Any]:
    """The class behind ``"module:Class"``. Only ever called with names from the table of groups."""
    module, _, name = reference.partition(":")
    return getattr(import_module(module, asked), name)


def build(group: str, config: Any, *arguments: Any) -> Any:
    """Build the component that ``config`` was chosen for, from (group, config.name)."""
    return component(group, config.name)(config, *arguments)


def load_plugins(plugins: Iterable[str]) -> None:
    """Import plug-ins and add their components to the groups. Loading one twice changes nothing."""
    for plugin in plugins:
        if plugin in _loaded:
            continue
        modules = plugin_modules(plugin)
        added: dict[tuple[str, str], str] = {}
        for group in (*GROUPS.values(), *NAMED.values()):
            if group.package is None:
                continue
            for module in modules:
                if found := concrete_classes(module, base(group)):
                    only_class(found, module.__name__, group.name)
                    _add(added, group, module.__name__, plugin)
        _added.update(added)
        _loaded.add(plugin)


def unknown_option(group: str, name: str, possible: Iterable[str]) -> str:
    """The line for an option that its group does not have."""
    listed = sorted(possible)
    noun = group.rpartition(".")[2]
    return f"{group}={name}: no such {noun}; there are {', '.join(listed)}{did_you_mean(name, listed)}"


def _modules(group: Group) -> dict[str, str]:
    own = {name: option.written.module for name, option in options(group).items()}
    return own | {name: module for (where, name), module in _added.items() if where == group.name}


def _add(added: dict[tuple[str, str], str], group: Group, module: str, plugin: str) -> None:
    name = module.rpartition(".")[2]
    taken = _modules(group) | {option: m for (where, option), m in added.items() if where == group.name}
    if name in taken or name == DEFAULT:
        raise RequestError(
            f"plugins=[{plugin}]: {module} would be {group.name}={name}, which exists: {taken.get(name, 'reserved')};"
            " give the module another name"
        )
    added[group.name, name] = module
