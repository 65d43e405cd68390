"""Who carries a run between a node with storage of its own and the driver: out before it starts, back while it runs."""

from __future__ import annotations

import shutil
import threading
import time

from rnnlab.sweep.parcels import NOTHING, Parcel, pack, unpack
from rnnlab.sweep.work import LOCK_PATIENCE, run_folder, wait_for_lock
from rnnlab.tracking.folder import RunFolder

PARCEL_SECONDS = 1.0
"""How often what a run has written is sent, at most: what is lost with a node."""


def fresh_folder(run_id: str, known: Parcel) -> RunFolder:
    """The run's folder as the driver has it: what an earlier slot left here may be of another time."""
    folder = run_folder(run_id)
    wait_for_lock(folder, LOCK_PATIENCE)
    shutil.rmtree(folder.path)
    folder = run_folder(run_id)
    unpack(folder.path, known)
    return folder


class Courier:
    """Packs what one run writes on storage of the node's own; without a folder there is nothing to send."""

    def __init__(self, folder: RunFolder | None = None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._time = time.monotonic()
        self._sent = NOTHING if folder is None else pack(folder.path, NOTHING)

    def next(self) -> Parcel | None:
        """What is new, if the time for a parcel has come."""
        with self._lock:
            if self._folder is None or time.monotonic() - self._time < PARCEL_SECONDS:
                return None
            self._time = time.monotonic()
            try:
                self._sent = pack(self._folder.path, self._sent)
            except MemoryError:  # the run is at the limit of its memory; what is new goes with the next parcel
                return None
            return None if self._sent.is_empty else self._sent

    def last(self) -> Parcel | None:
        """What is left to send. Nothing stays behind on the node."""
        with self._lock:
            if self._folder is None:
                return None
            parcel = pack(self._folder.path, self._sent)
            shutil.rmtree(self._folder.path, ignore_errors=True)
            self._folder = None
            return parcel
