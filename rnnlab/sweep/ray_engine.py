"""The few calls that rnnlab makes to Ray, in one place; Ray is imported when a sweep on a cluster needs it.

Read or measured of Ray 2.60: ``ray.init`` belongs to the main thread, and tries for minutes to reach a cluster
that is not there; a cluster that is named by host and port is sent the token only under RAY_AUTH_MODE=token.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnlab.errors import RequestError
from rnnlab.sweep.memory import GIB

CONTROL = "control"
"""The concurrency group that answers while a run is being trained."""

_SHORT_TIMEOUTS = {"RAY_gcs_rpc_server_connect_timeout_s": "1", "RAY_py_gcs_connect_timeout_s": "3"}
_PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Share:
    """What a node has, or one slot of it: cores, GPUs or a share of one, GiB of memory (None: not counted)."""

    cpus: int
    gpus: float = 0.0
    memory_gb: float | None = None

    def slots_of(self, slot: Share) -> int:
        """How many such slots fit here; a share of a GPU never straddles two of them."""
        fitting = [self.cpus // slot.cpus]
        if 0 < slot.gpus < 1:
            fitting.append(int(self.gpus) * int(1 / slot.gpus + 1e-9))
        elif slot.gpus:
            fitting.append(int(self.gpus // slot.gpus))
        if slot.memory_gb is not None and self.memory_gb is not None:
            fitting.append(int(self.memory_gb / slot.memory_gb))
        return min(fitting)

    def __str__(self) -> str:
        memory = "" if self.memory_gb is None else f" and {self.memory_gb:.3g} GiB"
        return f"{self.cpus} cores, {self.gpus:g} GPUs{memory}"


class Lost(Exception):
    """A process or its node is gone, and with it the answer. The message is one line."""


def join(address: str) -> bool:
    """Join the cluster at ``address``. False where this process is in one already.

    RequestError, within seconds, where no cluster answers there or it refuses this process.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    if _has_token():
        os.environ.setdefault("RAY_AUTH_MODE", "token")
    import ray

    if ray.is_initialized():
        return False
    try:
        _check_answer(address)
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, ValueError, RuntimeError) as error:
        line = " ".join(str(error).split())
        raise RequestError(f"sweep.workers.address = {address!r}: {line}") from error
    # Ray prints what it hears of dead nodes to stdout, where --json has its one object.
    ray._private.worker._worker_logs_enabled = False
    return True


def leave() -> None:
    """Leave the cluster; the processes that this one has there end."""
    import ray

    ray.shutdown()


def nodes() -> list[Share]:
    """What each node that is alive has, whether it is in use or not."""
    import ray

    alive = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return [Share(int(has.get("CPU", 0)), has.get("GPU", 0.0), has.get("memory", 0.0) / GIB) for has in alive]


def room(slot: Share) -> int:
    """How many such slots fit on the nodes that are alive: none stands on two of them."""
    return sum(node.slots_of(slot) for node in nodes())


def actor(kind: type, share: Share, *arguments: Any) -> Any:
    """A process of its own that holds one object of this kind. It is not started again when it dies."""
    import ray

    remote: Any = ray.remote  # its type hints do not know concurrency groups
    resources = {"num_cpus": share.cpus, "num_gpus": share.gpus}
    if share.memory_gb is not None:
        resources["memory"] = int(share.memory_gb * GIB)
    once = {"max_restarts": 0, "max_task_retries": 0}
    return remote(concurrency_groups={CONTROL: 1}, **resources, **once)(kind).remote(*arguments)


def first_done(refs: list[Any], seconds: float) -> list[Any]:
    """Those calls that have ended, as soon as one has, or none after ``seconds``."""
    import ray

    if not refs:
        return []
    done, _ = ray.wait(refs, num_returns=1, timeout=seconds)
    more, _ = ray.wait(refs, num_returns=len(refs), timeout=0)
    return list(dict.fromkeys([*done, *more]))


def value(ref: Any) -> Any:
    """What a call returned; raises what it raised, or ``Lost`` where its process or node is gone."""
    import ray
    from ray.exceptions import RayError, RayTaskError

    try:
        return ray.get(ref)
    except RayTaskError:
        raise
    except RayError as error:
        raise Lost(_reason(error)) from error


def kill(handle: Any) -> None:
    """End an actor's process at once."""
    import ray

    ray.kill(handle)


def _has_token() -> bool:
    given = os.environ.get("RAY_AUTH_TOKEN") or os.environ.get("RAY_AUTH_TOKEN_PATH")
    return bool(given) or (Path.home() / ".ray" / "auth_token").exists()


def _check_answer(address: str) -> None:
    """Ask the cluster for its state from another process, which can be given up; ConnectionError without one."""
    asking = [sys.executable, "-m", "ray.scripts.scripts", "status", f"--address={address}"]
    environment = os.environ | _SHORT_TIMEOUTS
    try:
        done = subprocess.run(asking, env=environment, capture_output=True, text=True, timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        raise ConnectionError("no Ray cluster answers there") from None
    if done.returncode == 0:
        return
    if "InvalidAuthToken" in done.stderr:
        raise ConnectionError(
            "the cluster wants its token: set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN, as on its nodes"
        )
    raise ConnectionError("no Ray cluster answers there; `ray status --address=...` says more")


def _reason(error: Exception) -> str:
    """One line out of Ray's account of a process's end."""
    from ray.exceptions import ActorUnavailableError

    if isinstance(error, ActorUnavailableError):
        return "its node does not answer"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if "Worker exit" in line or "its node" in line or "Error" in line]
    return (telling or lines or ["its process is gone"])[-1].split("Some common causes")[0].strip()
