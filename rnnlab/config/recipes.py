"""The YAML files of conf/: the defaults list, and named recipes over the schemas of the groups."""

from __future__ import annotations

from pathlib import Path

from rnnlab.config.source import PACKAGE_FOLDER
from rnnlab.errors import RequestError

PRIMARY = "train"
"""The config with the defaults list: conf/train.yaml."""


def conf_folder() -> Path:
    """conf/: inside the package where rnnlab is installed from a wheel, beside it in a checkout."""
    installed = PACKAGE_FOLDER / "conf"
    return installed if installed.is_dir() else PACKAGE_FOLDER.parent / "conf"


def extra_folder(config_dir: str | None) -> Path | None:
    """The folder of --config-dir, absolute. RequestError where there is none."""
    if config_dir is None:
        return None
    folder = Path(config_dir).expanduser().resolve()
    if not folder.is_dir():
        raise RequestError(f"--config-dir {config_dir}: no such folder")
    return folder


def search_path(config_dir: str | None, config_name: str) -> list[str]:
    """Where Hydra looks: its main folder, then an override that adds the other one, if there are two.

    The user's folder is the main one where the config with the defaults list is theirs.
    """
    own, extra = conf_folder(), extra_folder(config_dir)
    if extra is None:
        return [str(own)]
    main, other = (extra, own) if (extra / f"{config_name}.yaml").is_file() else (own, extra)
    return [str(main), f"hydra.searchpath=['file://{other}']"]


def recipes(group: str, config_dir: str | None = None) -> dict[str, Path]:
    """The recipes of a group by name: those of conf/, and those of the user's own folder."""
    folders = [conf_folder(), extra_folder(config_dir)]
    return {
        file.stem: file for folder in folders if folder is not None for file in sorted((folder / group).glob("*.yaml"))
    }


def recipe_summary(file: Path) -> str:
    """A recipe's first comment line, which says what it is for."""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") and not line.startswith("# @package"):
            return line.lstrip("# ").strip()
    return ""
