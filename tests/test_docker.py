"""The container files, checked without an engine: they parse, and what they name exists."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parent.parent
DOCKER = CHECKOUT / "docker"
INSTRUCTIONS = {"ARG", "CMD", "COPY", "ENV", "FROM", "RUN", "WORKDIR"}


def dockerfile() -> list[tuple[str, str]]:
    """The instructions with their arguments; continued lines are joined, comments dropped."""
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    joined = re.sub(r"\\\n\s*", "", re.sub(r"(?m)^#.*\n", "", text))
    lines = [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [(name, arguments) for name, arguments in lines]


def compose() -> dict[str, Any]:
    return yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))


def make_targets() -> set[str]:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"(?m)^([a-z][a-z-]*):", makefile))


def copied() -> list[str]:
    """The sources of every COPY."""
    return [s for name, arguments in dockerfile() if name == "COPY" for s in arguments.split()[:-1]]


def test_each_line_of_the_dockerfile_is_an_instruction() -> None:
    assert {name for name, _ in dockerfile()} <= INSTRUCTIONS


def test_each_copied_path_exists() -> None:
    missing = [source for source in copied() if not (CHECKOUT / source).exists()]
    assert copied() and not missing


def test_the_build_context_holds_just_what_is_copied() -> None:
    ignore = (CHECKOUT / ".dockerignore").read_text(encoding="utf-8").split()
    assert ignore[0] == "*"
    assert {line[1:] for line in ignore if line.startswith("!")} == set(copied())


def test_each_make_target_exists() -> None:
    commands = [arguments for name, arguments in dockerfile() if name == "RUN"]
    asked = [line.split()[1] for line in commands if line.startswith("make ")]
    assert "install" in asked
    assert set(asked) <= make_targets()


def test_each_device_is_a_stage() -> None:
    stages = [arguments.split() for name, arguments in dockerfile() if name == "FROM"]
    assert {"cpu", "cuda"} <= {stage[-1] for stage in stages if "AS" in stage}
    assert stages[-1] == ["${DEVICE}"]


def test_compose_names_what_exists() -> None:
    services = compose()["services"]
    assert set(services) == {"mlflow", "ray-head", "ray-worker"}
    for service in services.values():
        context = (DOCKER / service["build"]["context"]).resolve()
        assert (context / service["build"]["dockerfile"]).is_file()
        assert set(service.get("depends_on", [])) <= set(services)
        assert {volume.split(":")[0] for volume in service["volumes"]} <= set(compose()["volumes"])


def test_ports_are_published_on_loopback_only() -> None:
    ports = [port for service in compose()["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_workers_find_the_head_and_the_tracking_server() -> None:
    services = compose()["services"]
    head_port = dict(f.split("=") for f in services["ray-head"]["command"] if "=" in f)["--port"]
    assert f"--address=ray-head:{head_port}" in services["ray-worker"]["command"]
    uri = services["ray-worker"]["environment"]["MLFLOW_TRACKING_URI"]
    host, port = re.fullmatch(r"http://([\w-]+):(\d+)", uri).groups()
    assert f"--port={port}" in services[host]["command"]


def test_commands_of_the_readme_name_what_exists() -> None:
    readme = (DOCKER / "README.md").read_text(encoding="utf-8")
    services = compose()["services"]
    for service in re.findall(r"docker compose exec ([\w-]+)|--scale ([\w-]+)=", readme):
        assert "".join(service) in services
    assert (DOCKER / re.search(r"--file (\S+)", readme).group(1)).is_file()


@pytest.mark.parametrize("service", ["mlflow", "ray-head", "ray-worker"])
def test_flags_of_the_commands_exist(service: str) -> None:
    program, verb, *flags = compose()["services"][service]["command"]
    script = Path(sys.executable).with_name(program)
    help_text = subprocess.run([script, verb, "--help"], capture_output=True, text=True, check=True).stdout
    for flag in flags:
        assert re.search(rf"(?m)^\s+(-\w, )?{shlex.quote(flag.split('=')[0])}\b", help_text), flag
