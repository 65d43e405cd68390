"""What sets there are, and what of them is on this machine. Imports no torch, and reads no data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rnnlab.config import registry
from rnnlab.data.base import Dataset
from rnnlab.data.prepared import newest_spec


def catalog() -> list[dict[str, Any]]:
    """One row per set, sorted by name.

    name, source, licence   what it is, as its class says
    place                   where its raw data lies now, or None
    size                    bytes of the raw file there; None for a folder, or where there is none
    items                   symbols or sequences in all, of what was last prepared of it; or None
    fingerprint             of the same
    """
    return [row(name, registry.component("data", name)) for name in registry.names("data")]


def row(name: str, dataset: type[Dataset]) -> dict[str, Any]:
    """One set's row of the catalog."""
    place = dataset.place()
    spec = newest_spec(dataset.folder())
    return {
        "name": name,
        "source": dataset.source,
        "licence": dataset.licence,
        "place": None if place is None else str(place),
        "size": size_of(place),
        "items": None if spec is None else sum(spec.sizes.values()),
        "fingerprint": None if spec is None else spec.fingerprint,
    }


def size_of(place: Path | None) -> int | None:
    """Bytes of a file; None for a folder or for nothing."""
    return place.stat().st_size if place is not None and place.is_file() else None
