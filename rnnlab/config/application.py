"""Hydra's own flags and its multirun, on rnnlab's configuration.

All of it runs on the Hydra object that ``initialize_config_dir`` makes: unlike ``hydra.main`` it reads no
``sys.argv``, hands errors on as they are, and can return what the Sweeper returned.
"""

from __future__ import annotations

import io
import logging
from contextlib import redirect_stdout
from typing import Any

from hydra._internal.callbacks import Callbacks
from hydra.core.plugins import Plugins
from hydra.types import HydraContext, RunMode

from rnnlab.config.compose import COMPOSITION_ERRORS, compose, prepare
from rnnlab.config.explain import explain
from rnnlab.config.overrides import check_all, is_hydra
from rnnlab.config.recipes import PRIMARY, extra_folder
from rnnlab.config.scope import hydra_scope
from rnnlab.errors import RequestError


def config_text(
    overrides: list[str],
    config_dir: str | None = None,
    config_name: str = PRIMARY,
    *,
    kind: str = "job",
    package: str | None = None,
    resolve: bool = False,
) -> str:
    """YAML of the composed configuration, as Hydra's ``--cfg``: kind "job", "hydra" or "all"."""
    composed = compose(overrides, config_dir, config_name)
    if package is not None and package.partition(".")[0] not in ("_global_", "hydra"):
        _check_package(package, composed.plain)
    with hydra_scope(config_dir, config_name) as (app, added), redirect_stdout(io.StringIO()) as text:
        app.show_cfg(config_name, [*overrides, *added], kind, package, resolve)
    return text.getvalue()


def _check_package(package: str, plain: dict[str, Any]) -> None:
    inside: Any = plain
    for name in package.split("."):
        if not isinstance(inside, dict) or name not in inside:
            possible = ", ".join(inside) if isinstance(inside, dict) else "nothing below it"
            raise RequestError(f"--package {package}: no such part '{name}'; there are {possible}")
        inside = inside[name]


def info_text(overrides: list[str], config_dir: str | None = None, config_name: str = PRIMARY, *, what: str) -> str:
    """What Hydra's ``--info`` says of the composition: defaults list, search path, plug-ins, ..."""
    compose(overrides, config_dir, config_name)
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    with hydra_scope(config_dir, config_name) as (app, added), redirect_stdout(io.StringIO()) as text:
        try:
            app.show_info(what, config_name, [*overrides, *added])
        finally:  # Hydra leaves its handler on the root logger
            root.handlers[:] = before
            root.setLevel(level)
    return text.getvalue()


def hydra_text() -> str:
    """The settings of Hydra itself, as YAML: what ``hydra.NAME=...`` can change."""
    prepare([])
    with hydra_scope(None, PRIMARY) as (app, _), redirect_stdout(io.StringIO()) as text:
        app.show_cfg(PRIMARY, [], "hydra", None, False)
    return text.getvalue()


def multirun(overrides: list[str], config_dir: str | None = None) -> Any:
    """Hand a sweep to the Sweeper that the configuration names; returns what that returns.

    Every word is checked first; each combination is, by the sweep itself, before it makes anything. Hydra
    gets to see the words that are for itself alone: its own multirun would compose what is fixed over the
    defaults of the groups that are swept, and refuse a setting that those lack (hydra #2888).
    """
    prepare(overrides)
    parsed = check_all(overrides, config_dir, multirun=True)
    for_hydra = [o.input_line or "" for o in parsed if is_hydra(o)]
    for_runs = [o.input_line or "" for o in parsed if not is_hydra(o)]
    folder = extra_folder(config_dir)
    if folder is not None:
        for_hydra.append(f"hydra.sweeper.config_dir='{folder}'")
    with hydra_scope(config_dir, PRIMARY) as (app, added):
        try:
            config = app.compose_config(PRIMARY, [*for_hydra, *added], RunMode.MULTIRUN)
        except COMPOSITION_ERRORS as error:
            raise explain(error, overrides, list) from error
        context = HydraContext(config_loader=app.config_loader, callbacks=Callbacks(config))
        sweeper = Plugins.instance().instantiate_sweeper(
            config=config, hydra_context=context, task_function=_never_called
        )
        return sweeper.sweep(for_runs)


def _never_called(_: object) -> None:
    raise AssertionError("rnnlab's sweeper trains through rnnlab.train, not through a task function")
