"""The few calls that rnnlab makes to Ray, in one place; Ray is imported when a sweep needs it.

Read or measured of Ray 2.60: its helper processes die with the *thread* that started them, so
``start`` belongs to the main thread; ``_node_ip_address="127.0.0.1"`` alone still listens on all
interfaces, only the variable below keeps every port on the loopback; workers have process groups of
their own, so a Ctrl-C on the terminal does not reach them.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from rnnlab.errors import RequestError

CONTROL = "control"
"""The concurrency group that answers while a run is being trained."""

_LOOPBACK_ONLY = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
_OBJECT_STORE_BYTES = 100 * 2**20


def start(address: str | None, cpus: int, gpus: int) -> bool:
    """Start Ray on this machine, or join the cluster at ``address``. False where it runs here already.

    ``cpus`` and ``gpus`` are what the slots need in all. RequestError where there is no such cluster.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    if address is None:
        os.environ.setdefault(_LOOPBACK_ONLY, "0")
        # Workers must find the same modules before their first line of our code runs.
        os.environ["PYTHONPATH"] = os.pathsep.join(folder for folder in sys.path if folder)
    import ray

    if ray.is_initialized():
        return False
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if address is not None:
        try:
            ray.init(address=address, **options)
        except (ConnectionError, ValueError) as error:
            reason = str(error).splitlines()[0]
            line = f"sweep.workers.address = {address!r}: no Ray cluster answers: {reason}"
            raise RequestError(line) from error
        return True
    ray.init(
        include_dashboard=False,
        num_cpus=cpus,
        num_gpus=gpus,
        object_store_memory=_OBJECT_STORE_BYTES,
        _node_ip_address="127.0.0.1",
        **options,
    )
    return True


def stop() -> None:
    """Leave the cluster, or end the Ray of this machine with all its processes."""
    import ray

    ray.shutdown()


def cluster_resources() -> tuple[int, float]:
    """(cores, GPUs) of the cluster that this process has joined."""
    import ray

    resources = ray.cluster_resources()
    return int(resources.get("CPU", 0)), float(resources.get("GPU", 0))


def actor(kind: type, cpus: int, gpus: float, *arguments: Any) -> Any:
    """A process of its own that holds one object of this kind. It is not started again when it dies."""
    import ray

    remote: Any = ray.remote  # its type hints do not know concurrency groups
    once = {"max_restarts": 0, "max_task_retries": 0}
    return remote(num_cpus=cpus, num_gpus=gpus, concurrency_groups={CONTROL: 1}, **once)(kind).remote(*arguments)


def first_done(refs: list[Any], seconds: float) -> list[Any]:
    """Those calls that have ended, as soon as one has, or none after ``seconds``."""
    import ray

    if not refs:
        return []
    done, _ = ray.wait(refs, num_returns=1, timeout=seconds)
    more, _ = ray.wait(refs, num_returns=len(refs), timeout=0)
    return list(dict.fromkeys([*done, *more]))


def value(ref: Any) -> Any:
    """What a call returned; raises what it raised, or ``died()`` where its process is gone."""
    import ray

    return ray.get(ref)


def died() -> type[Exception]:
    """The exception that stands for a process that is gone."""
    from ray.exceptions import RayActorError

    return RayActorError


def reason(error: Exception) -> str:
    """One line out of Ray's account of a process's end."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if "Worker exit" in line or "Error" in line]
    return (telling or lines or ["its process is gone"])[0].split("Some common causes")[0].strip()


def kill(handle: Any) -> None:
    """End an actor's process at once."""
    import ray

    ray.kill(handle)
