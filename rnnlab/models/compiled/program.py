"""A step compiled once for a machine: built by torch's inductor, kept on disk, loaded in milliseconds.

One program serves every batch and every size of the cell: all dimensions are left free. It lies in
``$RNNLAB_CACHE/compiled/<key>/`` and the key holds everything that it was made from, so that a changed
cell is compiled anew. Nothing but what this machine compiled for itself is ever loaded from there.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, fx, nn

from rnnlab.data.places import cache_root, locked
from rnnlab.models.compiled.graphs import Place, StepGraphs, Wiring

Run = Callable[[list[Tensor]], Sequence[Tensor]]

ONE = 1
"""A size that is no size of a cell: a mean has it, kept for the way back."""
FORWARD, BACKWARD, DESCRIPTION = "forward.pt2", "backward.pt2", "program.json"


class CannotCompile(Exception):
    """This step, or this machine, cannot have a compiled program. Says why in one line."""


@dataclass(frozen=True, slots=True)
class Program:
    """The two graphs of a step, compiled."""

    forward: Run
    backward: Run
    wiring: Wiring


def program_for(
    made_from: str,
    dtype: torch.dtype,
    device: torch.device,
    trace: Callable[[], StepGraphs],
    say: Callable[[str], None],
) -> Program:
    """The program of a step, from the cache; where it is not there, compiled now from what ``trace`` returns.

    ``made_from``: what tells this step from others. ``say`` is told when something is compiled. Raises
    CannotCompile, also where the cache cannot be written or what lies there is damaged.
    """
    folder = cache_root() / "compiled" / key(made_from, dtype, device)
    with _reasons():
        if not (folder / DESCRIPTION).exists():
            with locked(folder.with_suffix(".lock")):
                if not (folder / DESCRIPTION).exists():
                    say(f"compiling its steps for this machine's {device.type}, once")
                    _build(folder, trace())
        return load(folder, device)


def key(made_from: str, dtype: torch.dtype, device: torch.device) -> str:
    """The name of a program's folder: all that its machine code depends on."""
    machine = torch.cuda.get_device_name(device) if device.type == "cuda" else torch.backends.cpu.get_cpu_capability()
    parts = (made_from, str(dtype), device.type, machine, torch.__version__)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def load(folder: Path, device: torch.device) -> Program:
    """The program that lies in ``folder``. It needs no compiler, and neither dynamo nor inductor."""
    described = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    index = -1 if device.index is None else device.index
    loaders = [
        torch._C._aoti.AOTIModelPackageLoader(str(folder / name), "model", False, 1, index)
        for name in (FORWARD, BACKWARD)
    ]
    wiring = Wiring(
        saved=described["saved"],
        backward_inputs=tuple(Place(**place) for place in described["backward_inputs"]),
        gradients=tuple(None if place is None else Place(**place) for place in described["gradients"]),
        products={
            int(index): tuple((Place(**a), Place(**b)) for a, b in pairs)
            for index, pairs in described["products"].items()
        },
    )
    return Program(loaders[0].boxed_run, loaders[1].boxed_run, wiring)


def _build(folder: Path, graphs: StepGraphs) -> None:
    """Compile both graphs, and rename the finished folder into its place; to be called under its lock."""
    beside = folder.with_name(f".{folder.name}.building")
    shutil.rmtree(beside, ignore_errors=True)  # left behind by a process that was killed
    try:
        beside.mkdir()
        _compile(graphs.forward, beside / FORWARD)
        _compile(graphs.backward, beside / BACKWARD)
        (beside / DESCRIPTION).write_text(json.dumps(asdict(graphs.wiring)), encoding="utf-8")
        os.rename(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


class _Plain(nn.Module):
    """A graph whose inputs are named by the export, not by the graph."""

    def __init__(self, graph: fx.GraphModule) -> None:
        super().__init__()
        self.graph = graph

    def forward(self, *inputs: Tensor) -> Any:
        return self.graph(*inputs)


def _compile(graph: fx.GraphModule, target: Path) -> None:
    import torch._inductor

    inputs = [_example(node) for node in graph.graph.nodes if node.op == "placeholder"]
    free = tuple(
        {axis: torch.export.Dim.AUTO for axis, size in enumerate(tensor.shape) if size != ONE} for tensor in inputs
    )
    exported = torch.export.export(_Plain(graph), tuple(inputs), dynamic_shapes=(free,))
    _require_free_sizes(exported)
    options = {"cpp.dynamic_threads": True}
    torch._inductor.aoti_compile_and_package(exported, package_path=str(target), inductor_configs=options)


@contextmanager
def _reasons() -> Iterator[None]:
    """Whatever stands between a step and its machine code becomes CannotCompile: no compiler, a branch on data, ..."""
    loud = [logging.getLogger(name) for name in ("torch._inductor", "torch.export", "torch.fx.experimental")]
    levels = [logger.level for logger in loud]
    try:
        for logger in loud:
            logger.setLevel(logging.CRITICAL)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except CannotCompile:
        raise
    except Exception as error:
        lines = str(error).strip().splitlines() or ["no reason given"]
        raise CannotCompile(f"{type(error).__name__}: {lines[0]}") from error
    finally:
        for logger, level in zip(loud, levels, strict=True):
            logger.setLevel(level)


def _example(node: fx.Node) -> Tensor:
    """A tensor like the one that the node was traced with."""
    traced = node.meta["val"]
    sizes = [size if isinstance(size, int) else size.node.hint for size in traced.shape]
    return torch.zeros(sizes, dtype=traced.dtype, device=traced.device)


def _require_free_sizes(exported: Any) -> None:
    for node in exported.graph.nodes:
        if node.op == "placeholder" and any(isinstance(size, int) and size != ONE for size in node.meta["val"].shape):
            raise CannotCompile("the step fixes a size in its code, where it should read it from its tensors")
