"""From bytes on the disk to the ids of symbols, a block at a time.

A symbol is a Unicode character (the text must be UTF-8) or a byte; for words see ``rnnlab.data.words``.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path

import numpy as np

from rnnlab.errors import RequestError, WorkError

BLOCK = 1 << 22
CODES = 0x110000  # Unicode code points
BYTES = tuple(map(chr, range(256)))


class Unit(str, Enum):
    """What one symbol of a text is."""

    character = "character"
    byte = "byte"
    word = "word"


def read(path: Path) -> bytes:
    """The contents of a raw file. Raises RequestError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise RequestError(f"{path}: cannot be read ({error.strerror})") from error


def codes_of(path: Path, unit: Unit) -> Iterator[np.ndarray]:
    """The code points (uint32) or bytes (uint8) of a file, in blocks. Raises as ``texts_of`` for characters."""
    assert unit is not Unit.word, unit
    if unit is Unit.byte:
        values = np.frombuffer(read(path), dtype=np.uint8)
        yield from (values[start : start + BLOCK] for start in range(0, len(values), BLOCK))
        return
    for text in texts_of(path):
        yield np.frombuffer(text.encode("utf-32-le"), dtype="<u4")


def texts_of(path: Path) -> Iterator[str]:
    """The text of a file, in blocks. Raises RequestError where it is binary or not UTF-8."""
    raw = read(path)
    refuse_binary(path, raw)
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    for start in range(0, len(raw), BLOCK):
        try:
            yield decoder.decode(raw[start : start + BLOCK], final=start + BLOCK >= len(raw))
        except UnicodeDecodeError:
            raise not_utf8(path, raw) from None


def refuse_binary(path: Path, raw: bytes) -> None:
    """Raise RequestError where a file that shall be text has a NUL byte."""
    zero = raw.find(b"\0")
    if zero >= 0:
        raise RequestError(
            f"{path}: byte {zero} is NUL, so this is a binary file and no text;"
            " name a text file, or read bytes with data.unit=byte"
        )


def not_utf8(path: Path, raw: bytes) -> RequestError:
    """The error that names the first byte of ``raw`` which is not UTF-8."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return RequestError(
            f"{path}: byte {error.start} (0x{raw[error.start]:02x}) is not UTF-8;"
            " convert the file, or read bytes with data.unit=byte"
        )
    raise AssertionError("only called for a file that is not UTF-8")


def vocabulary(files: Iterable[Path], unit: Unit) -> tuple[tuple[str, ...], list[int]]:
    """The symbols, sorted by code (all 256 for bytes), and how many of them each file has."""
    seen = np.zeros(CODES, dtype=bool)
    lengths = []
    for path in files:
        length = 0
        for codes in codes_of(path, unit):
            seen[codes] = True
            length += len(codes)
        lengths.append(length)
    return BYTES if unit is Unit.byte else tuple(map(chr, np.flatnonzero(seen))), lengths


def ids_of(files: Iterable[Path], unit: Unit, symbols: tuple[str, ...]) -> Iterator[np.ndarray]:
    """The ids of all files, one after another, in blocks of the smallest unsigned type that holds them.

    Raises WorkError where a file has a symbol that is not in ``symbols``: it was changed meanwhile.
    """
    dtype = np.min_scalar_type(len(symbols) - 1)
    codes_of_symbols = np.array([ord(symbol) for symbol in symbols])
    known = np.zeros(CODES, dtype=bool)
    known[codes_of_symbols] = True
    table = np.zeros(CODES, dtype=dtype)
    table[codes_of_symbols] = np.arange(len(symbols))
    for path in files:
        for codes in codes_of(path, unit):
            if not known[codes].all():
                raise WorkError(f"{path}: was changed while it was being read; ask again")
            yield table[codes]
