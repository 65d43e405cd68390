"""List the data there is: where it lies, its size, licence and fingerprint."""

from __future__ import annotations

import argparse
from typing import Any

from rnnlab.cli.console import Console, Outcome

EXAMPLES = ["rnnlab data", "rnnlab data --json"]

NOT_HERE = "(not here yet)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing to choose: there is one list."""


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.data.catalog import catalog
    from rnnlab.data.places import cache_root, own_root

    sets = catalog()
    console.table([shown(entry) for entry in sets], "data=NAME")
    console.say(f"raw files of your own: {own_root() or 'RNNLAB_DATA is not set'}; cache: {cache_root()}")
    return Outcome({"sets": sets, "own": str(own_root() or ""), "cache": str(cache_root())})


def shown(entry: dict[str, Any]) -> dict[str, str]:
    """One set as a row to be read: sizes in MB, the fingerprint's first digits."""
    size, items, fingerprint = entry["size"], entry["items"], entry["fingerprint"]
    return {
        "name": entry["name"],
        "size": "" if size is None else f"{size / 1e6:.1f} MB",
        "prepared": "" if items is None else f"{items:,}",
        "fingerprint": "" if fingerprint is None else fingerprint[:12],
        "place": entry["place"] or NOT_HERE,
        "licence": entry["licence"],
        "source": entry["source"],
    }
