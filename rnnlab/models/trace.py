"""What a traced run keeps: every named intermediate of each layer and step, in the graph.

Shapes: B batch, T time, D input features, G gates, H hidden units.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnlab.models.cells.base import Edit

TraceEdit = Callable[[int, int, str, Tensor], Tensor]
"""(layer, t, name, value) -> the value that the step goes on with."""


@dataclass(frozen=True, slots=True)
class Trace:
    """``values[layer][name]`` is the list of T tensors (B, H), as the steps computed them.

    Layers are counted as ``Stack.layers`` does: a bidirectional one is two, whose second counts its steps
    from the end. Zoneout acts on the state after the step has computed it.

    output_BTH  what the last layer gave, after dropout
    state       the state after the last step, as ``Stack.forward`` returns it
    reads       for each layer, what it read and what its projection made of it, (B, T, D) and (B, T, G): a pair
                for each stretch between resets
    """

    values: list[dict[str, list[Tensor]]]
    output_BTH: Tensor
    state: tuple[tuple[Tensor, ...], ...]
    reads: list[list[tuple[Tensor, Tensor]]]

    def stacked(self, layer: int, name: str) -> Tensor:
        """One intermediate of one layer over all steps: (B, T, H)."""
        return torch.stack(self.values[layer][name], dim=1)

    def gradients(self, loss: Tensor) -> list[dict[str, Tensor]]:
        """d loss / d value for every intermediate: ``[layer][name]`` is (B, T, H).

        The total derivative along every path, the recurrent one included. Zero where the loss does
        not depend on a value (the output gate's path to a later step is cut, say).
        """
        return self.gradients_of(loss, [tuple(named) for named in self.values])[0]

    def gradients_of(
        self, loss: Tensor, names: Sequence[Sequence[str]]
    ) -> tuple[list[dict[str, Tensor]], list[Tensor]]:
        """The same for the ``names`` of each layer alone; beside it d loss / d projection of each layer, (B, T, G)."""
        steps = [self.values[layer][name] for layer, named in enumerate(names) for name in named]
        projections = [p_BTG for layer in self.reads for _, p_BTG in layer]
        wanted = [*(value for values in steps for value in values), *projections]
        found = iter(torch.autograd.grad(loss, wanted, retain_graph=True, allow_unused=True, materialize_grads=True))
        of_values = [
            {name: torch.stack([next(found) for _ in self.values[layer][name]], dim=1) for name in named}
            for layer, named in enumerate(names)
        ]
        return of_values, [torch.cat([next(found) for _ in layer], dim=1) for layer in self.reads]

    def read(self, layer: int) -> tuple[Tensor, Tensor]:
        """What one layer read at all steps, and what its projection made of it: (B, T, D) and (B, T, G)."""
        x_BTD, p_BTG = zip(*self.reads[layer], strict=True)
        return torch.cat(x_BTD, dim=1), torch.cat(p_BTG, dim=1)


class Recorder:
    """Keeps what the steps of the cells pass through their edits, after ``edit`` had its say."""

    def __init__(self, names: Sequence[Sequence[str]], edit: TraceEdit | None) -> None:
        """``names``: the intermediates of each layer that are kept; all of them can be edited."""
        self.values: list[dict[str, list[Tensor]]] = [{name: [] for name in layer} for layer in names]
        self.reads: list[list[tuple[Tensor, Tensor]]] = [[] for _ in names]
        self.edit = edit

    def edit_at(self, layer: int, t: int) -> Edit:
        """The edit of one step."""

        def keep(name: str, value: Tensor) -> Tensor:
            value = value if self.edit is None else self.edit(layer, t, name, value)
            if name not in self.values[layer]:
                return value
            if any(steps[t:] and steps[-1] is value for steps in self.values[layer].values()):
                value = value.view_as(value)  # two names for one number: each has a gradient of its own
            self.values[layer][name].append(value)
            return value

        return keep
