"""Show each GPU, its free memory and load, and why rnnlab would or would not use it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rnnlab.cli.console import Console, Outcome
from rnnlab.devices import VISIBLE, Gpu, Verdict, cuda_of_torch, list_gpus, verdicts, visible_setting

EXAMPLES = ["rnnlab gpus", "CUDA_VISIBLE_DEVICES=1 rnnlab gpus", "rnnlab gpus --json"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing to choose: the environment decides."""


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    gpus, problem = list_gpus()
    setting = visible_setting()
    judged = verdicts(gpus, setting, cuda_of_torch())
    console.table([row(gpu, verdict) for gpu, verdict in zip(gpus, judged, strict=True)])
    for line in remarks(gpus, judged, setting, problem):
        console.say(line)
    found = [asdict(gpu) | asdict(verdict) for gpu, verdict in zip(gpus, judged, strict=True)]
    return Outcome({"gpus": found, "cuda_visible_devices": setting})


def row(gpu: Gpu, verdict: Verdict) -> dict[str, Any]:
    """A GPU as people read it."""
    return {
        "gpu": gpu.index,
        "name": gpu.name,
        "free / total": f"{gigabytes(gpu.free_gb)} / {gigabytes(gpu.total_gb)} GB",
        "load": "?" if gpu.load_percent is None else f"{gpu.load_percent} %",
        "use": "yes" if verdict.use else "no",
        "why": verdict.why,
    }


def gigabytes(size: float | None) -> str:
    return "?" if size is None else f"{size:.1f}"


def remarks(gpus: Sequence[Gpu], judged: Sequence[Verdict], setting: str | None, problem: str) -> list[str]:
    """What the table does not say: where runs go without a GPU, and what can mislead."""
    if not gpus:
        return [f"no GPU: {problem}; runs use the CPU"]
    lines = [] if any(verdict.use for verdict in judged) else ["no GPU to be used: runs use the CPU"]
    if setting is not None and setting.startswith("MIG-"):
        lines.append(f"{VISIBLE}={setting} names a part of a GPU (MIG); parts are not listed here")
    counted = setting is not None and setting[:1].isdecimal()
    if counted and len({gpu.name for gpu in gpus}) > 1 and os.environ.get("CUDA_DEVICE_ORDER") != "PCI_BUS_ID":
        lines.append(f"unlike GPUs: numbers in {VISIBLE} count as here only with CUDA_DEVICE_ORDER=PCI_BUS_ID")
    return lines
