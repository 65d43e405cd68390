"""What a model must beat: uniform guessing, n-grams counted on the same split, and what needs no memory.

Interpolated Witten-Bell (Witten & Bell 1991; Chen & Goodman 1998, eq. 16): for a context h, with c(h)
symbols seen after it, T(h) of them different, and h' the context without its oldest symbol,

    P(w | h) = (c(h w) + T(h) P(w | h')) / (c(h) + T(h)),        P(w | h') = 1 / V below the empty context

and P(w | h) = P(w | h') where nothing was ever seen after h. The counts are those of the first
10 million symbols of train; the loss is the mean over all of val but its first symbol, which has
nothing before it. Contexts don't reach back over the start of val: there they are shorter.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnlab.data.base import Dataset
from rnnlab.data.contents import Stream
from rnnlab.data.places import cache_root, writing
from rnnlab.data.spec import DataSpec
from rnnlab.errors import WorkError

ORDERS = 5
TRAINED_ON = 10_000_000  # symbols
RECIPE = 1  # raise it when the same data shall give other figures
UNSEEN = -1


def baselines(dataset: Dataset) -> dict[str, float]:
    """Loss on val in nats per symbol: {"uniform": .., "1-gram": .., ... "5-gram": ..}, kept in the cache.

    For labelled sequences {"uniform": .., "memoryless": ..}; a number has no uniform guess, and its loss is
    the squared error. Behind them stand the figures of ``Dataset.rivals``.
    """
    spec = dataset.prepare()
    memoryless = dataset.memoryless()
    if memoryless is not None:
        uniform = {"uniform": math.log(spec.classes)} if spec.classes else {}
        return uniform | {"memoryless": memoryless} | dataset.rivals()
    path = cache_root() / "baselines" / f"{spec.fingerprint[:16]}-{RECIPE}.json"
    if path.exists():
        return read(path)
    found = measured(dataset, spec)
    with writing(path) as beside:
        beside.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return found


def read(path: Path) -> dict[str, float]:
    """The figures that were measured before."""
    try:
        return {name: float(value) for name, value in json.loads(path.read_text(encoding="utf-8")).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise WorkError(f"{path}: damaged ({error}); remove it and ask again") from error


def measured(dataset: Dataset, spec: DataSpec) -> dict[str, float]:
    """Count on train, measure on val. Orders that val is too short for are left out."""
    train, val = dataset.split("train"), dataset.split("val")
    assert isinstance(train, Stream) and isinstance(val, Stream)
    found = {"uniform": math.log(spec.vocabulary)}
    if len(val.ids) > 1:
        orders = witten_bell(train.ids[:TRAINED_ON], val.ids, spec.vocabulary, ORDERS)
        for order, probabilities in enumerate(orders, start=1):
            found[f"{order}-gram"] = float(-np.log(probabilities).mean())
    return found


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of one order, over K contexts (numbered) and M different n-grams.

    keys     int64 (M,) ascending: context * V + symbol; the n-gram's own number is its place here
    times    int64 (M,) c(h w)
    total    int64 (K,) c(h)
    kinds    int64 (K,) T(h)
    """

    keys: np.ndarray
    times: np.ndarray
    total: np.ndarray
    kinds: np.ndarray


def witten_bell(train: np.ndarray, val: np.ndarray, vocabulary: int, orders: int) -> list[np.ndarray]:
    """P(val[i] | the n-1 symbols before it) for i = 1 .. N-1: float64 (N-1,) for each n = 1 .. orders.

    A context of n symbols is the n-gram that the order below has counted, so it is known by that
    one's number: no key is ever larger than (number of contexts) * V, however long the context.
    """
    probabilities = np.full(len(val) - 1, 1 / vocabulary)
    train_contexts = np.zeros(len(train), dtype=np.int64)  # the context before train[i]
    val_contexts = np.zeros(len(val), dtype=np.int64)
    contexts, found = 1, []
    for order in range(1, orders + 1):
        train_keys = train_contexts * vocabulary + train[order - 1 :]
        counts = count(train_keys, contexts, vocabulary)
        val_keys = np.where(val_contexts == UNSEEN, UNSEEN, val_contexts * vocabulary + val)
        numbers = places(counts.keys, val_keys)
        probabilities = interpolate(counts, val_contexts[1:], numbers[1:], probabilities)
        found.append(probabilities)
        contexts = len(counts.keys)
        train_contexts = np.searchsorted(counts.keys, train_keys)[:-1]
        val_contexts = np.concatenate([[UNSEEN], numbers[:-1]])
    return found


def count(keys: np.ndarray, contexts: int, vocabulary: int) -> Counts:
    """Count the n-grams of one order, given as keys in the order of the text."""
    kept, times = np.unique(keys, return_counts=True)
    context_of = kept // vocabulary
    total = np.bincount(context_of, weights=times, minlength=contexts).astype(np.int64)  # exact below 2**53
    return Counts(kept, times, total, np.bincount(context_of, minlength=contexts))


def places(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Where each wanted key stands among the ascending keys, or UNSEEN."""
    if len(keys) == 0:
        return np.full(len(wanted), UNSEEN)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, UNSEEN)


def interpolate(counts: Counts, contexts: np.ndarray, numbers: np.ndarray, below: np.ndarray) -> np.ndarray:
    """One order of the formula above: ``below`` are the probabilities of the order below, (N-1,)."""
    if len(counts.keys) == 0:
        return below
    total = np.where(contexts == UNSEEN, 0, counts.total[contexts])
    kinds = np.where(contexts == UNSEEN, 0, counts.kinds[contexts])
    times = np.where(numbers == UNSEEN, 0, counts.times[numbers])
    weight = np.maximum(total + kinds, 1)
    return np.where(total == 0, below, (times + kinds * below) / weight)
