"""How large a model and its steps are, known from the configuration alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from rnnlab.data.spec import DataSpec
from rnnlab.experiment import Experiment
from rnnlab.parts import model_for

_counted: dict[tuple[object, ...], int] = {}
"""What was counted so far: a sweep asks for many trials that differ in nothing but a learning rate."""


def parameters_of(experiment: Experiment, spec: DataSpec) -> int:
    """Trained numbers in the model of this experiment: exactly the ``parameters`` of its runs.

    The model is built on torch's meta device, where tensors have shapes and no contents: about 2 ms and
    no memory, whatever the size. Raises RequestError where the parts do not go together.
    """
    chosen = ("cell", "embedding", "stack", "task", "encoder", "attention")
    key = (*(repr(getattr(experiment, group)) for group in chosen), *(repr(value) for value in spec.plain().values()))
    if key not in _counted:
        with torch.device("meta"), _NothingDrawn():
            model = model_for(experiment, spec)
        _counted[key] = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return _counted[key]


def symbols_per_step(experiment: Experiment, spec: DataSpec) -> int:
    """What one step of training reads at most: rows times the window, or times the longest sequence."""
    return experiment.data.batch_size * (experiment.bptt.window if spec.shape == "stream" else spec.max_length)


class _NothingDrawn(TorchFunctionMode):
    """Leaves out normal draws: there is nothing to fill, and on meta the first of them imports for 1.5 s."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Iterable[type], args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in (torch.Tensor.normal_, nn.init.normal_):
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)
