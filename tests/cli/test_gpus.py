"""``rnnlab gpus`` with GPUs that a script named nvidia-smi declares, and without any."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnlab.cli import gpus
from rnnlab.devices import FIELDS

Declare = Callable[..., None]

LISTING = """\
0, GPU-aaaa1111-0000, NVIDIA A100, 40960, 40000, 3
1, GPU-bbbb2222-0000, NVIDIA A100, 40960, 100, 99
2, GPU-cccc3333-0000, NVIDIA T4, 16384, 16000, [N/A]
"""


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Put an nvidia-smi on PATH that answers the one question it knows, and a torch that knows CUDA."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(gpus, "cuda_of_torch", lambda: "13.0")
    place = tmp_path / "bin"
    place.mkdir()
    monkeypatch.setenv("PATH", str(place))

    def write(answer: str, exit_code: int = 0) -> None:
        question = [f"--query-gpu={FIELDS}", "--format=csv,noheader,nounits"]
        script = place / "nvidia-smi"
        script.write_text(
            f"#!{sys.executable}\nimport sys\nassert sys.argv[1:] == {question!r}\n"
            f"sys.stdout.write({answer!r})\nsys.exit({exit_code})\n"
        )
        script.chmod(0o755)

    return write


def used(data: dict[str, Any]) -> list[int]:
    return [gpu["index"] for gpu in data["gpus"] if gpu["use"]]


def test_each_gpu_with_its_verdict(declare: Declare, cli: Callable[..., Any]) -> None:
    declare(LISTING)
    answer = cli("gpus")
    assert answer.exit_code == 0
    header, first, second, third = answer.stdout.splitlines()
    assert header.split() == ["gpu", "name", "free", "/", "total", "load", "use", "why"]
    assert "39.1 / 40.0 GB" in first and "3 %" in first and "yes" in first
    assert "no" in second and "only 0.1 GB are free" in second
    assert "?" in third and "yes" in third


def test_in_json(declare: Declare, cli: Callable[..., Any]) -> None:
    declare(LISTING)
    data = cli("gpus", "--json").data
    assert data["cuda_visible_devices"] is None
    assert used(data) == [0, 2]
    assert data["gpus"][2] == {
        "index": 2,
        "uuid": "GPU-cccc3333-0000",
        "name": "NVIDIA T4",
        "free_gb": 16000 / 1024,
        "total_gb": 16.0,
        "load_percent": None,
        "use": True,
        "why": "visible, with enough free memory",
    }


@pytest.mark.parametrize(("setting", "expected"), [("2", [2]), ("GPU-aaaa", [0]), ("1", []), ("", []), ("-1", [])])
def test_the_environment_hides_gpus(
    setting: str, expected: list[int], declare: Declare, cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(LISTING)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", setting)
    answer = cli("gpus", "--json")
    assert answer.exit_code == 0
    assert used(answer.data) == expected
    assert answer.data["cuda_visible_devices"] == setting
    assert ("runs use the CPU" in answer.stderr) is (expected == [])


def test_numbers_of_unlike_gpus_depend_on_the_order(
    declare: Declare, cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(LISTING)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert "CUDA_DEVICE_ORDER=PCI_BUS_ID" in cli("gpus").stdout
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    assert "CUDA_DEVICE_ORDER" not in cli("gpus").stdout


@pytest.mark.parametrize(
    ("answer", "exit_code", "reason"),
    [
        ("No devices were found\n", 6, "nvidia-smi says: No devices were found"),
        ("Failed to initialize NVML:\nDriver mismatch\n", 18, "Failed to initialize NVML: Driver mismatch"),
        ("", 0, "nvidia-smi lists none"),
    ],
)
def test_no_gpu_is_one_line(
    answer: str, exit_code: int, reason: str, declare: Declare, cli: Callable[..., Any]
) -> None:
    declare(answer, exit_code)
    shown = cli("gpus")
    assert shown.exit_code == 0
    (line,) = shown.stdout.splitlines()
    assert reason in line and "runs use the CPU" in line


def test_no_driver_is_one_line(cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert cli("gpus").stdout == "no GPU: nvidia-smi is not installed; runs use the CPU\n"
    assert cli("gpus", "--json").data == {"gpus": [], "cuda_visible_devices": None}
