"""Hydra's own flags and its multirun, on rnnlab's configuration.

All of it runs on the Hydra object that ``initialize_config_dir`` makes: unlike ``hydra.main`` it reads no
``sys.argv``, hands errors on as they are, and returns what the Sweeper returned.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

import hydra
from hydra.core.global_hydra import GlobalHydra

from rnnlab.config.compose import compose, prepare
from rnnlab.config.overrides import check_all
from rnnlab.config.recipes import PRIMARY, extra_folder, search_path
from rnnlab.errors import RequestError

INFO = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")


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
    if package is not None and package.partition(".")[0] not in {"_global_", "hydra", *composed.plain}:
        raise RequestError(f"--package {package}: no such part; there are {', '.join(composed.plain)}")
    with _hydra(config_dir, config_name) as (app, added), redirect_stdout(io.StringIO()) as text:
        app.show_cfg(config_name, [*overrides, *added], kind, package, resolve)
    return text.getvalue()


def info_text(overrides: list[str], config_dir: str | None = None, config_name: str = PRIMARY, *, what: str) -> str:
    """What Hydra's ``--info`` says of the composition: defaults list, search path, plug-ins, ..."""
    compose(overrides, config_dir, config_name)
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    with _hydra(config_dir, config_name) as (app, added), redirect_stdout(io.StringIO()) as text:
        try:
            app.show_info(what, config_name, [*overrides, *added])
        finally:  # Hydra leaves its handler on the root logger
            root.handlers[:] = before
            root.setLevel(level)
    return text.getvalue()


def hydra_text() -> str:
    """The settings of Hydra itself, as YAML: what ``hydra.NAME=...`` can change."""
    prepare([])
    with _hydra(None, PRIMARY) as (app, _), redirect_stdout(io.StringIO()) as text:
        app.show_cfg(PRIMARY, [], "hydra", None, False)
    return text.getvalue()


def multirun(overrides: list[str], config_dir: str | None = None, config_name: str = PRIMARY) -> Any:
    """Hand a sweep to the Sweeper that the configuration names; returns what that returns.

    Every word is checked first; each combination is, by the sweep itself, before it makes anything.
    """
    prepare(overrides)
    check_all(overrides, config_dir, multirun=True)
    with _hydra(config_dir, config_name) as (app, added):
        folder = extra_folder(config_dir)
        place = [] if folder is None else [f"hydra.sweeper.config_dir='{folder}'"]
        return app.multirun(config_name, _never_called, [*overrides, *added, *place], with_log_configuration=False)


def _never_called(_: object) -> None:
    raise AssertionError("rnnlab's sweeper trains through rnnlab.train, not through a task function")


@contextmanager
def _hydra(config_dir: str | None, config_name: str) -> Iterator[tuple[Any, list[str]]]:
    """A Hydra over conf/ and the user's folder, and the override that adds the second of them."""
    main, *added = search_path(config_dir, config_name)
    with warnings.catch_warnings(), hydra.initialize_config_dir(main, job_name="rnnlab", version_base="1.3"):
        warnings.filterwarnings("ignore", message=".*Defaults list is missing `_self_`")
        yield GlobalHydra.instance().hydra, added
