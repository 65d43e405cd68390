"""How a model is put together, as a page: the stack over time, one step of its cell, and every parameter."""

from __future__ import annotations

from rnnlab.models.tasks.base import Task
from rnnlab.probes.base import GROWTH, Findings, Probe, Subject
from rnnlab.tracking.folder import RunFolder


class Graph(Probe):
    """There is nothing to find: the page alone is what is asked for."""

    name = "graph"
    together = (GROWTH,)

    def look(self, subject: Subject) -> Findings:
        return Findings({})

    def pages(self, model: Task, folder: RunFolder) -> dict[str, str]:
        from rnnlab.describe.graph import graph_page

        return {self.name: graph_page(model, folder.id)}
