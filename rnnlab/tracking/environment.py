"""What a run's bits depend on besides its configuration: code, versions, machine."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

PACKAGES = ("torch", "pytorch-lightning", "hydra-core", "omegaconf", "optuna", "mlflow", "ray", "numpy")


def describe(plugins: Iterable[str] = ()) -> dict[str, Any]:
    """Time, versions, machine and code, as plain values for environment.json."""
    return {
        "created": datetime.now(UTC).isoformat(),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "versions": versions(),
        "code": code_digest(plugins),
        "commit": commit(),
    }


@cache
def versions() -> dict[str, str]:
    """The installed version of each package that a result can depend on."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "absent"
    return found


def code_digest(plugins: Iterable[str] = ()) -> str:
    """sha256 over rnnlab's source and that of the plug-ins, as this process found it when it first asked."""
    return _code_digest(tuple(sorted(plugins)))


@cache
def _code_digest(plugins: tuple[str, ...]) -> str:
    package = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(f"{path.relative_to(package)}\n".encode() + path.read_bytes())
    for plugin in plugins:
        for path in plugin_files(plugin):
            digest.update(f"{plugin} {path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def plugin_files(plugin: str) -> list[Path]:
    """The source files of a plug-in that is already imported."""
    import sys

    origin = getattr(sys.modules.get(plugin), "__file__", None)
    if origin is None:
        return []
    path = Path(origin)
    return sorted(path.parent.rglob("*.py")) if path.name == "__init__.py" else [path]


@cache
def commit() -> str | None:
    """The commit of the checkout that rnnlab runs from, with ``+dirty`` where files differ; None outside one.

    As it was when this process first asked: that is the code which it runs.
    """
    root = Path(__file__).parent.parent.parent
    if not (root / ".git").exists():
        return None
    head = git(root, "rev-parse", "HEAD")
    changed = git(root, "status", "--porcelain", "--untracked-files=no")
    return None if head is None else head + ("+dirty" if changed else "")


@cache
def dirty_diff() -> str | None:
    """What differs from that commit, as ``git diff`` prints it; None outside a checkout."""
    root = Path(__file__).parent.parent.parent
    return git(root, "diff", "HEAD") if (root / ".git").exists() else None


def git(root: Path, *arguments: str) -> str | None:
    """The output of a git command, or None where git is absent or refuses."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
