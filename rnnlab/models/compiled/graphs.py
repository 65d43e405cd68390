"""One step of a cell as two graphs of plain operations: forward, and its derivative for the loop back in time.

The derivative of a weight matrix is a product in each step, and the sum of those products over the steps.
The graphs leave it out: they hand over its two factors, so that one product after the loop does all steps.

Shapes: B batch, T time, H hidden units.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx
from torch._ops import OpOverload

Step = Callable[..., tuple[Tensor, ...]]
"""(tensors of this step, parts of the state, weights) -> (h, parts of the next state)."""

TURNS = {"permute", "t", "transpose"}
"""Operations after which a matrix stands transposed."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tensor of the way back comes from: ``kind`` is input, saved, tangent or output."""

    kind: str
    index: int


@dataclass(frozen=True, slots=True)
class Wiring:
    """How the two graphs of a step fit together.

    saved            how many tensors the way there keeps for the way back
    backward_inputs  what the way back takes
    gradients        for each input of the step: the place of its gradient; None where it has none
    products         for each input that is a weight matrix: pairs (A, B) whose sum of A' B is its gradient
    """

    saved: int
    backward_inputs: tuple[Place, ...]
    gradients: tuple[Place | None, ...]
    products: dict[int, tuple[tuple[Place, Place], ...]]


@dataclass(frozen=True, slots=True)
class StepGraphs:
    """What ``trace_step`` finds.

    forward   inputs -> (h, parts of the next state, what the way back needs)
    backward  what ``wiring.backward_inputs`` names -> gradients, and factors of products
    """

    forward: fx.GraphModule
    backward: fx.GraphModule
    wiring: Wiring


def trace_step(step: Step, examples: Sequence[Tensor], first_weight: int) -> StepGraphs:
    """The graphs of ``step``, traced at the sizes of ``examples``; weights are the inputs from ``first_weight`` on."""
    from functorch.compile import aot_function, make_boxed_func, min_cut_rematerialization_partition
    from torch._inductor.decomposition import select_decomp_table

    graphs: dict[str, fx.GraphModule] = {}

    def keep(name: str) -> Callable[..., Any]:
        def compiler(graph: fx.GraphModule, inputs: Any) -> Any:
            graphs[name] = graph
            return make_boxed_func(graph.forward)

        return compiler

    inputs = [example.detach().clone().requires_grad_() for example in examples]
    traced = aot_function(
        step,
        fw_compiler=keep("forward"),
        bw_compiler=keep("backward"),
        partition_fn=min_cut_rematerialization_partition,
        decompositions=select_decomp_table(),
        dynamic=True,
    )
    outputs = traced(*inputs)
    torch.autograd.backward(outputs, [torch.ones_like(output) for output in outputs])
    return _arranged(graphs["forward"], graphs["backward"], len(outputs), first_weight)


def _arranged(forward: fx.GraphModule, backward: fx.GraphModule, outputs: int, first_weight: int) -> StepGraphs:
    primals = _placeholders(forward)
    results = _results(forward)
    kept = sorted(results[outputs:], key=_is_size, reverse=True)  # the way back takes sizes first
    entries = _placeholders(backward)
    places: dict[fx.Node, Place] = {}
    saved: list[fx.Node] = []
    again: list[tuple[fx.Node, fx.Node]] = []
    for entry, node in zip(entries[: len(kept)], kept, strict=True):
        if node in primals:
            places[entry] = Place("input", primals.index(node))
        elif _is_size(node) or _sources(node) <= set(primals[first_weight:]):
            again.append((entry, node))
        else:
            places[entry] = Place("saved", len(saved))
            saved.append(_contiguous(forward, node))
    for index, entry in enumerate(entries[len(kept) :]):
        places[entry] = Place("tangent", index)
    for entry, node in again:
        _compute_again(backward, entry, node, primals, places)
    forward.graph.output_node().args = ((*results[:outputs], *saved),)
    gradients, products = _without_products(backward, places, first_weight)
    for graph in (forward, backward):
        graph.graph.eliminate_dead_code()
    for entry in [entry for entry in _placeholders(backward) if not entry.users]:
        backward.graph.erase_node(entry)
    forward.recompile()
    backward.recompile()
    entries = _placeholders(backward)
    wiring = Wiring(len(saved), tuple(places[entry] for entry in entries), gradients, products)
    return StepGraphs(forward, backward, wiring)


def _placeholders(graph: fx.GraphModule) -> list[fx.Node]:
    return [node for node in graph.graph.nodes if node.op == "placeholder"]


def _sources(node: fx.Node) -> set[fx.Node]:
    """The inputs of its graph that a node is computed from."""
    if node.op == "placeholder":
        return {node}
    return set().union(*(_sources(other) for other in node.all_input_nodes)) if node.all_input_nodes else set()


def _is_size(node: fx.Node) -> bool:
    return isinstance(node.meta["val"], torch.SymInt)


def _contiguous(graph: fx.GraphModule, node: fx.Node) -> fx.Node:
    """The node laid out row by row, as the compiled way back expects what it is given."""
    if node.meta["val"].is_contiguous():
        return node
    with graph.graph.inserting_before(graph.graph.output_node()):
        return graph.graph.call_function(
            torch.ops.aten.clone.default, (node,), {"memory_format": torch.contiguous_format}
        )


def _compute_again(
    backward: fx.GraphModule, entry: fx.Node, node: fx.Node, primals: list[fx.Node], places: dict[fx.Node, Place]
) -> None:
    """Let the way back make by itself what depends on weights or sizes alone (a transpose, say)."""
    first = next(iter(backward.graph.nodes))
    after_inputs = next(other for other in backward.graph.nodes if other.op != "placeholder")
    copies: dict[fx.Node, fx.Node] = {}

    def copied(source: fx.Node) -> fx.Node:
        if source in primals:
            wanted = Place("input", primals.index(source))
            there = next((known for known, place in places.items() if place == wanted), None)
            if there is None:
                with backward.graph.inserting_before(first):
                    there = backward.graph.node_copy(source)
                places[there] = wanted
            return there
        if source not in copies:
            for argument in source.all_input_nodes:
                copied(argument)
            with backward.graph.inserting_before(after_inputs):
                copies[source] = backward.graph.node_copy(source, copied)
        return copies[source]

    entry.replace_all_uses_with(copied(node))
    backward.graph.erase_node(entry)


def _without_products(
    backward: fx.GraphModule, places: dict[fx.Node, Place], first_weight: int
) -> tuple[tuple[Place | None, ...], dict[int, tuple[tuple[Place, Place], ...]]]:
    """Take the products of weight gradients out of the graph, and give it their factors as outputs."""
    results: list[fx.Node] = []

    def place(node: fx.Node) -> Place:
        if node not in places:
            places[node] = Place("output", len(results))
            results.append(_contiguous(backward, node))
        return places[node]

    gradients: list[Place | None] = []
    products: dict[int, tuple[tuple[Place, Place], ...]] = {}
    for index, node in enumerate(_results(backward)):
        factors = _factors(node, turned=False) if node is not None and index >= first_weight else None
        if factors is not None:
            products[index] = tuple((place(a), place(b)) for a, b in factors)
        gradients.append(None if node is None or factors is not None else place(node))
    backward.graph.output_node().args = (tuple(results),)
    return tuple(gradients), products


def _results(graph: fx.GraphModule) -> list[Any]:
    """The nodes that a graph returns; None where it has nothing to return."""
    (results,) = graph.graph.output_node().args
    assert isinstance(results, tuple | list)
    return list(results)


def _factors(node: Any, turned: bool) -> list[tuple[fx.Node, fx.Node]] | None:
    """Pairs (A, B) with node = sum of A' B (its transpose, if ``turned``); None where it is not such a sum."""
    name = _operation(node)
    if name in TURNS and node.meta["val"].dim() == 2:
        return _factors(node.args[0], not turned)
    if name == "add":
        both = [_factors(part, turned) for part in node.args[:2] if isinstance(part, fx.Node)]
        return None if len(both) < 2 or None in both else [pair for pairs in both for pair in pairs or []]
    if name != "mm":
        return None
    left, right = node.args
    if _operation(left) not in TURNS:
        return None
    return [(right, left.args[0])] if turned else [(left.args[0], right)]


def _operation(node: fx.Node) -> str:
    """``mm`` for torch.ops.aten.mm.default; nothing for what is no operation on tensors."""
    return node.target.name().partition("::")[2].partition(".")[0] if isinstance(node.target, OpOverload) else ""
