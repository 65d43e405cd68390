"""A Ray cluster of several nodes on this machine, and the end of one of them."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from rnnlab.bench.process import environment, family

VARIABLES = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # Ray's name for: listen on the loopback only
    "RAY_AUTH_MODE": "token",
    "RAY_USAGE_STATS_ENABLED": "0",
}
NODES = 2


class LocalCluster:
    """A head that trains nothing, and nodes of one core each that share the runs of the command in ``place``."""

    def __init__(self, cluster: Any, place: Path) -> None:
        self.address: str = cluster.address
        self._cluster, self._place = cluster, place
        for _ in range(NODES):
            self._add_node()

    def replace_node_of(self, process: int) -> bool:
        """Kill with -9 all of the node that runs this process, and start a new node. False where no node runs it."""
        for node in self._cluster.worker_nodes:
            processes = [each for _, started in node.live_processes() for each in family(started.pid)]
            if process in processes:
                break
        else:
            return False
        for each in processes:
            with suppress(ProcessLookupError):  # some end by themselves when they lose the others
                os.kill(each, signal.SIGKILL)
        self._cluster.remove_node(node, allow_graceful=False)
        self._add_node()
        return True

    def _add_node(self) -> None:
        self._cluster.add_node(num_cpus=1, include_dashboard=False, env_vars=environment(self._place))


@contextmanager
def local_cluster(place: Path) -> Iterator[LocalCluster]:
    """Start a cluster, and take it down at the end. Ray's variables stay in this process, for the command to inherit.

    When this process is killed with -9, the cluster ends too, within about a minute.
    """
    os.environ.update(VARIABLES, RAY_AUTH_TOKEN=secrets.token_hex(32))
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    try:
        yield LocalCluster(cluster, place)
    finally:
        cluster.shutdown()
