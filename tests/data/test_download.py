"""Downloads from a real server on this machine, which can break off, ignore ranges and lie."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from rnnlab.data import checksums
from rnnlab.data.download import fetch
from rnnlab.data.raw import RawFile
from rnnlab.errors import RequestError, WorkError

CONTENT = np.random.default_rng(0).bytes(1_000_003)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Site:
    """What the server gives, and what it was asked."""

    url: str
    content: bytes = CONTENT
    ranges: bool = True
    break_after: int | None = None
    announced: int | None = None
    asked: list[str | None] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        site, wanted = self.site, self.headers.get("Range")
        site.asked.append(wanted)
        if self.path != "/file.txt":
            self.send_error(404)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and site.ranges else 0
        if start >= len(site.content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(site.content) - 1}/{len(site.content)}")
        body = site.content[start:]
        self.send_header("Content-Length", str(site.announced or len(body)))
        self.end_headers()
        self.wfile.write(body if site.break_after is None else body[: site.break_after])

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def site(cache: Path, no_own_data: None) -> Iterator[Site]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.site = Site(f"http://127.0.0.1:{server.server_port}/file.txt")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield Handler.site
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Listener:
    """What a download told its caller."""

    lines: list[str] = field(default_factory=list)
    bytes: list[tuple[int, int]] = field(default_factory=list)

    def progress(self, label: str, done: int, total: int) -> None:
        self.bytes.append((done, total))


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def target(cache: Path) -> Path:
    return cache / "raw" / "set" / "file.txt"


def get(site: Site, target: Path, listener: Listener, sha256: str | None = SHA256) -> Path:
    return fetch(site.url, sha256, target, listener.progress, listener.lines.append)


def lies(target: Path) -> list[str]:
    """What lies in the folder, locks aside."""
    return sorted(path.name for path in target.parent.iterdir() if path.suffix != ".lock")


def test_whole_file_with_progress(site: Site, target: Path, listener: Listener) -> None:
    assert get(site, target, listener).read_bytes() == CONTENT
    assert listener.bytes[0] == (0, len(CONTENT)) and listener.bytes[-1] == (len(CONTENT), len(CONTENT))
    assert listener.bytes == sorted(listener.bytes)
    assert lies(target) == ["file.txt"] and not listener.lines
    get(site, target, listener)
    assert len(site.asked) == 1, "what is there is not fetched again"


def test_goes_on_where_it_broke_off(site: Site, target: Path, listener: Listener) -> None:
    site.break_after = 400_000
    with pytest.raises(WorkError, match="broke off after 400,000 of 1,000,003 bytes; the same command goes on"):
        get(site, target, listener)
    assert lies(target) == ["file.txt.part"]
    site.break_after = None
    assert get(site, target, listener).read_bytes() == CONTENT
    assert site.asked == [None, "bytes=400000-"]
    assert (400_000, len(CONTENT)) in listener.bytes


def test_starts_anew_where_the_server_knows_no_ranges(site: Site, target: Path, listener: Listener) -> None:
    target.parent.mkdir(parents=True)
    target.with_name("file.txt.part").write_bytes(b"what an earlier download left")
    site.ranges = False
    assert get(site, target, listener).read_bytes() == CONTENT


def test_starts_anew_where_nothing_is_left_to_get(site: Site, target: Path, listener: Listener) -> None:
    target.parent.mkdir(parents=True)
    target.with_name("file.txt.part").write_bytes(b"longer" * len(CONTENT))
    assert get(site, target, listener).read_bytes() == CONTENT
    assert site.asked[1] is None


def test_another_checksum(site: Site, target: Path, listener: Listener) -> None:
    with pytest.raises(RequestError) as caught:
        get(site, target, listener, sha256="0" * 64)
    line = str(caught.value)
    assert "\n" not in line and SHA256 in line and "0" * 64 in line and "file.txt" in line
    assert lies(target) == []


def test_unknown_checksum_is_pinned_and_said(site: Site, target: Path, listener: Listener) -> None:
    get(site, target, listener, sha256=None)
    assert len(listener.lines) == 1 and SHA256 in listener.lines[0] and "pinned" in listener.lines[0]
    assert checksums.remembered("pinned") == {"set/file.txt": SHA256}
    target.unlink()
    site.content = b"another edition"
    with pytest.raises(RequestError, match=SHA256):
        get(site, target, listener, sha256=None)


def test_a_damaged_file_in_the_cache(site: Site, target: Path, listener: Listener) -> None:
    get(site, target, listener)
    target.write_bytes(CONTENT[:-1])
    with pytest.raises(RequestError, match="remove the file"):
        get(site, target, listener)


def test_no_room(site: Site, target: Path, listener: Listener) -> None:
    site.announced = 10**18
    with pytest.raises(RequestError, match="bytes are needed and .* are free"):
        get(site, target, listener)
    assert lies(target) == []


def test_no_such_page(site: Site, target: Path, listener: Listener) -> None:
    site.url += "x"
    with pytest.raises(RequestError, match="404"):
        get(site, target, listener)


def test_no_network_says_where_to_put_the_file(cache: Path, no_own_data: None, listener: Listener) -> None:
    file = RawFile("set", "file.txt", SHA256, "http://127.0.0.1:9/file.txt")
    with pytest.raises(RequestError) as caught:
        file.obtain(listener.progress, listener.lines.append)
    line = str(caught.value)
    assert "\n" not in line and file.url in line and "$RNNLAB_DATA/set/file.txt" in line


def test_two_at_once_ask_the_server_once(site: Site, target: Path, listener: Listener) -> None:
    threads = [threading.Thread(target=get, args=(site, target, listener)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert target.read_bytes() == CONTENT and len(site.asked) == 1


def test_an_own_file_is_used_as_it_is(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listener: Listener
) -> None:
    own = tmp_path / "own" / "set" / "file.txt"
    own.parent.mkdir(parents=True)
    own.write_bytes(CONTENT)
    monkeypatch.setenv("RNNLAB_DATA", str(tmp_path / "own"))
    file = RawFile("set", "file.txt", SHA256, site.url)
    assert file.obtain(listener.progress, listener.lines.append) == own
    own.write_bytes(CONTENT + b"!")
    with pytest.raises(RequestError, match="its sha256 is"):
        file.obtain(listener.progress, listener.lines.append)
    assert not site.asked
