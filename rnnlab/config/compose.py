"""From a list of overrides, or from a stored configuration, to an Experiment.

After this module nobody sees a DictConfig: all is composed and checked first, and whatever is wrong
is one RequestError before anything is read or created.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import yaml
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from rnnlab.config import overrides as command_line
from rnnlab.config import registry, store
from rnnlab.config.composition import by_hydra, composed
from rnnlab.config.explain import explain
from rnnlab.config.groups import CHOSEN, DEFAULT, GROUPS, RECIPE
from rnnlab.config.plugins import ambient_plugins
from rnnlab.config.recipes import PRIMARY
from rnnlab.errors import RequestError

if TYPE_CHECKING:
    from rnnlab.experiment import Experiment

COMPOSITION_ERRORS = (HydraException, OmegaConfBaseException, yaml.YAMLError)


@dataclass(frozen=True, slots=True)
class Composed:
    """experiment: the checked dataclasses. overrides: as given. plain: the same as dicts, lists, numbers, strings."""

    experiment: Experiment
    overrides: list[str]
    plain: dict[str, Any]


def compose(overrides: list[str], config_dir: str | None = None, config_name: str = PRIMARY) -> Composed:
    """Compose and check an experiment. Raises RequestError, with nothing read or created.

    config_dir   a folder of the user's own recipes, as Hydra's --config-dir
    config_name  the config with the defaults list, as Hydra's --config-name
    """
    plugins = prepare(overrides)
    parsed = command_line.check_all(overrides, config_dir)
    try:
        config = composed(parsed, plugins, config_dir, config_name)
    except COMPOSITION_ERRORS as error:
        raise explain(error, overrides, lambda: part_settings(parsed, config_dir, config_name)) from error
    command_line.refuse_plus(parsed)
    experiment = _experiment(config, overrides)
    return Composed(experiment, list(overrides), _plain(config))


def restore(plain: dict[str, Any], overrides: list[str] | None = None) -> Experiment:
    """An experiment from a stored configuration, with settings changed by ``overrides``.

    Nothing that the stored configuration names is imported or executed: its parts are looked up among
    rnnlab's own and those of plug-ins named here and now. Its parts cannot be exchanged.
    """
    overrides = overrides or []
    prepare(overrides)
    parsed = command_line.check_all(overrides)
    _refuse_references(plain)
    config = _typed(plain)
    try:
        config.merge_with(plain)
        for override in parsed:
            if override.key_or_group in CHOSEN:
                raise RequestError(f"{override.input_line}: the parts of a stored run cannot be exchanged")
            _apply(config, override)
        command_line.refuse_plus(parsed)
    except COMPOSITION_ERRORS as error:
        raise explain(error, overrides, lambda: leaves(_typed(plain))) from error
    return _experiment(config, overrides)


def prepare(overrides: list[str]) -> list[str]:
    """Load all plug-ins that are named here and now, and register every option; returns the plug-ins."""
    named = command_line.plugins_named(command_line.parse(overrides))
    plugins = list(dict.fromkeys(ambient_plugins() + named))
    registry.load_plugins(plugins)
    store.register()
    return plugins


def leaves(config: DictConfig, prefix: str = "") -> list[str]:
    """The full dotted keys of all settings in a composed configuration, the parts' names left out."""
    found: list[str] = []
    for key in map(str, config):
        node = config._get_node(key)
        if isinstance(node, DictConfig) and not (node._is_none() or node._is_missing()):
            found += leaves(node, f"{prefix}{key}.")
        elif key != "name":
            found.append(f"{prefix}{key}")
    return found


def part_settings(parsed: list[Override], config_dir: str | None, config_name: str) -> list[str]:
    """The settings there would be if only the parts had been chosen: what an unknown key is compared with."""
    chosen = [o for o in parsed if o.key_or_group in CHOSEN]
    for choices in (chosen, [o for o in chosen if o.key_or_group != RECIPE]):  # a recipe may be what is wrong
        try:
            return leaves(by_hydra([o.input_line or "" for o in choices], [], config_dir, config_name))
        except COMPOSITION_ERRORS:
            continue
    return leaves(by_hydra([], [], None, PRIMARY))


def _typed(plain: dict[str, Any]) -> DictConfig:
    """The typed tree for the parts that a stored configuration has.

    A group of a single class that it does not know is younger than it, and has its defaults.
    """
    config = store.root_schema()
    for group in GROUPS:
        younger = group not in plain and GROUPS[group].package is None
        part = {"name": DEFAULT} if younger else plain.get(group)
        name = part.get("name") if isinstance(part, dict) else None
        if name not in registry.names(group):
            plugins = plain.get("plugins")
            hint = f"; it was made with plugins={plugins}: name them again" if plugins else ""
            raise RequestError(registry.unknown_option(group, str(name), registry.names(group)) + hint)
        config[group] = store.schema(group, str(name))
    return config


def _refuse_references(value: Any, key: str = "") -> None:
    """A stored configuration is resolved: a ``${...}`` in it is none of ours, and could read what it should not."""
    if isinstance(value, dict):
        for name, inner in value.items():
            _refuse_references(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list):
        for inner in value:
            _refuse_references(inner, key)
    elif isinstance(value, str) and "${" in value:
        raise RequestError(f"{key}: {value!r} in a stored configuration: references are not resolved here")


def _apply(config: DictConfig, override: Override) -> None:
    if command_line.is_hydra(override):
        raise RequestError(f"{override.input_line}: Hydra's own settings have no place here")
    OmegaConf.update(config, override.key_or_group, override.value(), merge=True)


def _experiment(config: DictConfig, overrides: list[str]) -> Experiment:
    """The dataclasses of a composed configuration: types, ranges and relations are checked here."""
    try:
        missing = sorted(str(key) for key in OmegaConf.missing_keys(config))
        if missing:
            raise RequestError(f"{missing[0]}: no value; it has no default, give it with {missing[0]}=...")
        experiment: Experiment = OmegaConf.to_object(config)  # type: ignore[assignment]
    except RequestError:
        raise
    except (OmegaConfBaseException, ValueError) as error:
        raise explain(error, overrides, lambda: leaves(config)) from error
    for field in fields(experiment):
        if field.name in GROUPS:
            _check_part(field.name, getattr(experiment, field.name))
    return experiment


def _check_part(group: str, config: Any) -> None:
    """A part's configuration must be that of the class it names: a recipe without a schema line has neither."""
    if config.name not in registry.names(group):
        raise RequestError(
            f"{group}: the chosen recipe says of which {group} it is one; begin it with 'defaults: [NAME]',"
            f" one of {', '.join(registry.names(group))}"
        )
    if type(config) is not registry.component(group, config.name).Config:
        raise RequestError(
            f"{group}.name = {config.name!r}: a part is chosen with {group}={config.name}, not by its name field"
        )


def _plain(config: DictConfig) -> dict[str, Any]:
    return OmegaConf.to_container(config, resolve=True, enum_to_str=True)  # type: ignore[return-value]
