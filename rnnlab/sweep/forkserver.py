"""A process that has imported everything once, and from then on makes a worker in milliseconds by forking.

Python's own ``multiprocessing`` has one too. This one differs where a sweep needs it: starting a worker does not wait
for the imports; the user's script is not run again in workers; Ctrl-C on the terminal reaches no worker, not even a new
one; and all workers end when the driver does, even if it is killed.

    driver --fork, kill--> fork server --fork--> worker        the driver and each worker share a pipe of their own
           <--exit codes--
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import recv_handle, send_handle

CLOSE_SECONDS = 0.5
"""How long a fork server may take to end by itself."""

_PROGRAM = """
import sys; sys.path[:] = {path!r}
from {module} import {function}
from rnnlab.sweep.forkserver import serve
serve({line}, {function}, {imports!r})
"""

Target = Callable[[Connection], None]
"""What a worker does with its end of the pipe: a function at the top level of a module."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A forked process, seen from the driver. ``pipe`` is the driver's end: it breaks when the worker ends."""

    server: ForkServer
    number: int
    pipe: Connection

    def exit_code(self, seconds: float = 0.0) -> int | None:
        """None while it runs, and where nobody knows any more; see ``ForkServer.exit_code``."""
        return self.server.exit_code(self.number, seconds)

    def kill(self) -> None:
        """End it at once."""
        self.server.kill(self.number)
        self.pipe.close()


class ForkServer:
    """The driver's side. Workers are known by numbers that count up from 1."""

    def __init__(self, target: Target, imports: tuple[str, ...]) -> None:
        """Returns at once, while the fork server is importing."""
        self._line, theirs = Pipe()
        names = {"module": target.__module__, "function": target.__name__}
        program = _PROGRAM.format(path=sys.path, line=theirs.fileno(), imports=imports, **names)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", program],
                stdin=subprocess.DEVNULL,
                stdout=2,  # standard output belongs to the driver alone: under --json it holds one object
                pass_fds=[theirs.fileno()],
                process_group=0,  # a terminal sends Ctrl-C to the driver's group
            )
        self._forked = 0
        self._exit_codes: dict[int, int] = {}

    @property
    def line(self) -> Connection:
        """Can be read when a worker has ended, and when the fork server has."""
        return self._line

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def fork(self) -> Worker:
        """A new worker. BrokenPipeError where the fork server has ended."""
        ours, theirs = Pipe()
        self._forked += 1
        with theirs:
            self._line.send(("fork", self._forked))
            send_handle(self._line, theirs.fileno(), self._process.pid)
        return Worker(self, self._forked, ours)

    def kill(self, number: int) -> None:
        """End a worker at once. A fork server that is gone can reach none: those end when their pipe breaks."""
        try:
            self._line.send(("kill", number))
        except BrokenPipeError:
            self._process.wait()

    def exit_code(self, number: int, seconds: float) -> int | None:
        """Of a worker that has ended, minus the signal's number where one killed it; waits for ``seconds`` at most."""
        try:
            while number not in self._exit_codes and self.is_alive and self._line.poll(seconds):
                ended, code = self._line.recv()
                self._exit_codes[ended] = code
        except (EOFError, ConnectionResetError):
            self._process.wait()
        return self._exit_codes.get(number)

    def close(self) -> None:
        """End it and all its workers. One that is still importing has none, and is not waited for."""
        self._line.close()
        try:
            self._process.wait(CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@functools.cache
def _servers() -> dict[tuple[Target, tuple[str, ...]], ForkServer]:
    return {}


def fork_server(target: Target, imports: tuple[str, ...]) -> ForkServer:
    """The fork server of this process for this work: started where none runs, and kept until this process ends."""
    found = _servers().get((target, imports))
    if found is None or not found.is_alive:
        found = _servers()[target, imports] = ForkServer(target, imports)
        atexit.register(found.close)
    return found


def serve(line: int, target: Target, imports: tuple[str, ...]) -> None:
    """The fork server itself. Ends, and kills its workers, when the driver is gone.

    No import may start threads or CUDA: a worker would inherit half of them.
    """
    for needed in imports:
        importlib.import_module(needed)
    gc.freeze()  # a collection in a worker would touch, and so copy, a hundred megabytes of shared memory
    driver = Connection(line)
    bell, ringing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(ringing, warn_on_full_buffer=False)
    workers: dict[int, int] = {}
    try:
        while True:
            ready = wait([driver, bell])
            if bell in ready:
                os.read(bell, 4096)
                _tell_ended(driver, workers)
            if driver in ready:
                _obey(driver, workers, target)
    except (EOFError, OSError):
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
    os._exit(0)


def _obey(driver: Connection, workers: dict[int, int], target: Target) -> None:
    order, number = driver.recv()
    if order == "kill":
        for pid, running in workers.items():
            if running == number:
                os.kill(pid, signal.SIGKILL)
        return
    pipe = Connection(recv_handle(driver))
    try:
        pid = os.fork()
    except OSError as error:  # no memory, too many processes: to the driver this is a worker that died at once
        sys.stderr.write(f"no worker could be made: {error}\n")
        pipe.close()
        return
    if pid == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        driver.close()
        _work(target, pipe)
    pipe.close()
    workers[pid] = number


def _work(target: Target, pipe: Connection) -> None:
    """In the worker: never returns, whatever happens, into the fork server's loop."""
    try:
        target(pipe)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def _tell_ended(driver: Connection, workers: dict[int, int]) -> None:
    while workers:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        driver.send((workers.pop(pid), os.waitstatus_to_exitcode(status)))
