"""A Hydra of our own for the length of a block, whatever Hydra runs around it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import hydra
from hydra.core.global_hydra import GlobalHydra

from rnnlab.config.recipes import search_path


@contextmanager
def hydra_scope(config_dir: str | None, config_name: str) -> Iterator[tuple[Any, list[str]]]:
    """A Hydra over conf/ and the user's folder, and the overrides that add the second of them.

    Hydra has one global instance; the one that was there (a sweep composes inside a multirun) is put back.
    """
    main, *added = search_path(config_dir, config_name)
    outer = GlobalHydra.instance().hydra
    GlobalHydra.instance().clear()
    try:
        with warnings.catch_warnings(), hydra.initialize_config_dir(main, job_name="rnnlab", version_base="1.3"):
            warnings.filterwarnings("ignore", message=".*Defaults list is missing `_self_`")
            yield GlobalHydra.instance().hydra, added
    finally:
        GlobalHydra.instance().hydra = outer
