"""A wheel carries the configurations and the Hydra plug-in, and works outside the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REQUIREMENTS = [Requirement(r) for r in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]]
PINS = [
    line.split("==")
    for line in (CHECKOUT / ".constraints.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def files_under(folder: str) -> set[str]:
    return {
        path.relative_to(CHECKOUT).as_posix()
        for path in (CHECKOUT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True, text=True)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_holds_every_source_and_configuration(wheel: zipfile.ZipFile) -> None:
    inside = {f"rnnlab/{name}" for folder in ("conf", "sweeps") for name in files_under(folder)}
    beside = files_under("rnnlab") | files_under("hydra_plugins")
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packed == inside | beside


def test_the_wheel_installs_the_command(wheel: zipfile.ZipFile) -> None:
    entry_points = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "rnnlab = rnnlab.cli:command" in wheel.read(entry_points).decode()


def test_an_unpacked_wheel_composes_outside_the_checkout(wheel: zipfile.ZipFile, workspace: Path) -> None:
    site = workspace / "site"
    wheel.extractall(site)
    code = "import rnnlab; from rnnlab.config.compose import compose; compose([]); print(rnnlab.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=workspace,
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == site / "rnnlab" / "__init__.py"


def test_the_pins_satisfy_the_ranges() -> None:
    pinned = {canonicalize_name(name): version for name, version in PINS}
    for requirement in REQUIREMENTS:
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), str(requirement)


def test_the_pins_are_exact_and_name_no_place() -> None:
    assert PINS[0][0] == "torch"
    for name, version in PINS:
        assert re.fullmatch(r"[\w.-]+", name) and re.fullmatch(r"[\w.]+", version), (name, version)
