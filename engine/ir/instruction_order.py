"""The order in which a step's operations are written: a processor looks only a few hundred instructions ahead."""

from __future__ import annotations

import heapq
from collections.abc import Collection

from .graph import Graph
from .schedule import STEP

# How long a result takes, in cycles, roughly as on any processor of the last ten years; others take as long as "+".
_CYCLES = {"+": 4, "/": 13, "sqrt": 18, "exp": 70, "ln": 70, "^": 140, "min": 8, "max": 8, "if_then_else": 3}
# How many operations of a processor it stands for.
_PAIRED = ("exp", "ln", "^")
_WEIGHT = {"exp": 40, "ln": 40, "^": 90, "/": 4, "sqrt": 5, "min": 3, "max": 3}


def in_order(graph: Graph, needed: Collection[int], width: float = 2.0) -> list[int]:
    """The step's nodes, inputs first, so that those on which the longest chains hang come as early as they can.

    A list schedule: of the nodes whose inputs will be ready, the one with the longest chain behind it goes first.
    """
    nodes = [number for number in sorted(needed) if graph.nodes[number].phase == STEP]
    readers: dict[int, list[int]] = {number: [] for number in nodes}
    missing: dict[int, int] = {}
    for number in nodes:
        inputs = [one for one in dict.fromkeys(graph.nodes[number].inputs) if one in readers]
        missing[number] = len(inputs)
        for one in inputs:
            readers[one].append(number)
    behind: dict[int, float] = {}
    for number in reversed(nodes):
        behind[number] = _cycles(graph, number) + max((behind[one] for one in readers[number]), default=0)
    ready = [(0.0, number) for number in nodes if not missing[number]]
    known = dict.fromkeys((number for _, number in ready), 0.0)
    heapq.heapify(ready)
    able: list[tuple[float, int]] = []
    order: list[int] = []
    now = 0.0
    while ready or able:
        while ready and ready[0][0] <= now:
            _, number = heapq.heappop(ready)
            heapq.heappush(able, (-behind[number], number))
        if not able:
            now = ready[0][0]
            continue
        number = _pick(graph, able, order)
        order.append(number)
        finished = now + _cycles(graph, number)
        now += _WEIGHT.get(graph.nodes[number].operation, 1) / width
        for one in readers[number]:
            known[one] = max(known.get(one, 0.0), finished)
            missing[one] -= 1
            if not missing[one]:
                heapq.heappush(ready, (known[one], one))
    return order


def _pick(graph: Graph, able: list[tuple[float, int]], order: list[int]) -> int:
    """The most urgent node; but after the first of a pair of long functions, the second, where one is able."""
    last = graph.nodes[order[-1]].operation if order else ""
    if last in _PAIRED and _run_length(graph, order) % 2:
        twins = [item for item in able if graph.nodes[item[1]].operation == last]
        if twins:
            twin = min(twins)
            able.remove(twin)
            heapq.heapify(able)
            return twin[1]
    return heapq.heappop(able)[1]


def _run_length(graph: Graph, order: list[int]) -> int:
    """How many nodes of one kind stand at the end."""
    kind, length = graph.nodes[order[-1]].operation, 0
    for number in reversed(order):
        if graph.nodes[number].operation != kind:
            break
        length += 1
    return length


def _cycles(graph: Graph, number: int) -> float:
    node = graph.nodes[number]
    return _CYCLES.get(node.operation, _CYCLES["+"]) if node.inputs else 0
