"""Downloads: resumable, checked, and whole or not at all.

The bytes go to ``<target>.part``. A download that broke off goes on from there (HTTP Range); one that
is complete is checked and then renamed to its target.
"""

from __future__ import annotations

import http.client
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from rnnlab.data import checksums
from rnnlab.data.places import locked, sync
from rnnlab.errors import RequestError, WorkError

CHUNK = 1 << 18
TIMEOUT = 30.0  # seconds without a byte

Progress = Callable[[str, int, int], None]
Say = Callable[[str], None]


def fetch(url: str, sha256: str | None, target: Path, progress: Progress, say: Say) -> Path:
    """Download ``url`` to ``target`` unless it is there, and check it.

    ``progress(label, bytes so far, bytes in all or 0)`` is called for every chunk. Where ``sha256`` is
    None, the checksum of the first download is pinned in the cache, said, and expected ever after.

    Raises RequestError where the URL cannot be reached, the checksum differs or the disk has too little
    room, and WorkError where the transfer breaks off (it can be taken up again).
    """
    key = f"{target.parent.name}/{target.name}"
    with locked(target.with_name(f"{target.name}.lock")):
        expected = sha256 or checksums.remembered("pinned").get(key)
        if not target.exists():
            part = target.with_name(f"{target.name}.part")
            transfer(url, part, target, progress)
            accept(url, part, expected)
            os.replace(part, target)
            sync(target.parent)
        elif expected:
            found = checksums.sha256_of(target)
            checksums.check(target, found, expected, "remove the file, and it is downloaded again")
        if expected is None:
            found = checksums.sha256_of(target)
            checksums.remember("pinned", key, found)
            say(f"{target}: nobody has published its sha256; pinned {found} in {checksums.store()}")
    return target


def transfer(url: str, part: Path, target: Path, progress: Progress) -> None:
    """Bring ``part`` to its full length, going on from what it already holds."""
    try:
        with ask(url, part) as response:
            start = part.stat().st_size if response.status == 206 else 0
            announced = response.headers.get("Content-Length")
            total = start + int(announced) if announced else 0
            refuse_too_large(part, total - start)
            with part.open("ab" if start else "wb") as file:
                done = copy(response, file.write, target.name, start, total, progress)
        sync(part)
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise unreachable(url, part, target, error) from error
    except OSError as error:
        raise WorkError(f"{part}: cannot be written ({error.strerror or error})") from error
    if total and done < total:
        raise broken_off(url, done, total)


def ask(url: str, part: Path) -> http.client.HTTPResponse:
    """Open ``url`` behind what ``part`` already holds, or at its start if the server won't."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "rnnlab"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        response = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code != 416 or not have:  # 416: nothing lies behind what we have
            raise
        part.unlink()
        return ask(url, part)
    if response.status == 206 and not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
        response.close()
        part.unlink()
        return ask(url, part)
    return response


def copy(
    response: http.client.HTTPResponse,
    write: Callable[[bytes], int],
    label: str,
    done: int,
    total: int,
    progress: Progress,
) -> int:
    """Write the response chunk by chunk; the number of bytes that are there at the end."""
    progress(label, done, total)
    while chunk := response.read(CHUNK):
        write(chunk)
        done += len(chunk)
        progress(label, done, total)
    return done


def accept(url: str, part: Path, expected: str | None) -> None:
    """Check a complete download; one with another checksum is thrown away."""
    if expected is None:
        return
    try:
        checksums.check(part, checksums.digest_of(part), expected, f"what {url} gave is not kept")
    except RequestError:
        part.unlink()
        raise


def refuse_too_large(part: Path, needed: int) -> None:
    """Raise RequestError where the disk has no room for ``needed`` bytes more."""
    free = shutil.disk_usage(part.parent).free
    if needed > free:
        raise RequestError(
            f"{part}: {needed:,} bytes are needed and {free:,} are free; name a larger disk by RNNLAB_CACHE"
        )


def unreachable(url: str, part: Path, target: Path, error: Exception) -> Exception:
    """The error for a URL that gave nothing, or for a transfer that stopped in the middle."""
    have = part.stat().st_size if part.exists() else 0
    refused = isinstance(error, urllib.error.URLError)
    if have and not refused:
        return broken_off(url, have, 0)
    answered = isinstance(error, urllib.error.HTTPError)  # its text has the code, e.g. 404
    reason = error.reason if isinstance(error, urllib.error.URLError) and not answered else error
    return RequestError(
        f"{url}: cannot be downloaded ({reason}); get the file some other way and put it at"
        f" $RNNLAB_DATA/{target.parent.name}/{target.name} or at {target}"
    )


def broken_off(url: str, done: int, total: int) -> WorkError:
    """The error for a transfer that can be taken up again."""
    of = f" of {total:,}" if total else ""
    return WorkError(f"{url}: broke off after {done:,}{of} bytes; the same command goes on from there")
