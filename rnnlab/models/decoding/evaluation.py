"""A whole part of the data, written with beam search and scored: together, and apart by length of what is read.

Shapes: N items, S steps of what is read, U steps of a target.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from rnnlab.data.base import Dataset, Share
from rnnlab.data.contents import Sequences
from rnnlab.data.spec import DataSpec
from rnnlab.models.decoding.writing import Search, Written, write
from rnnlab.models.tasks.encoder_decoder import EncoderDecoder
from rnnlab.scores.targets import joined, nearest
from rnnlab.scores.translation import text_scores
from rnnlab.statistics import wilson_interval

GROUPS = 4
"""Groups of about equally many items, by length."""
Row = dict[str, Any]


class Evaluated(NamedTuple):
    """scores      a row of figures for all items, and one for each group of lengths

        exact          share that is one of the item's targets, with Wilson's 95 % interval
        symbol_error   edits per symbol of the nearest target
        bleu, chrf     of words only, against all targets; BLEU with its 95 % interval

    judged      rows of what the set itself can tell (``Dataset.judge``)
    signatures  of BLEU and chrF
    """

    scores: list[Row]
    judged: list[Row]
    signatures: tuple[str, ...]


def evaluated(
    model: EncoderDecoder,
    spec: DataSpec,
    dataset: Dataset,
    split: str,
    how: Search,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Evaluated:
    """Write about all items of a split of prepared data, which ``spec`` describes, and score what was written."""
    part = dataset.split(split)
    assert isinstance(part, Sequences) and part.lengths is not None, "pairs are items with lengths"
    lengths_N = np.asarray(part.lengths)
    sources = [row[:length].tolist() for row, length in zip(part.inputs, lengths_N, strict=True)]
    found = write(model, spec, sources, how, progress)
    rows: list[Row] = []
    signatures: tuple[str, ...] = ()
    for title, items in (("all", np.arange(len(found))), *by_length(lengths_N)):
        row, signatures = scored(title, items, found, part, spec, dataset.written_as)
        rows.append(row)
    looked = [written.weights for written in found if written.weights is not None]
    shares = dataset.judge(split, [written.target for written in found], looked or None)
    return Evaluated(rows, [row_of(name, share) for name, share in shares.items()], signatures)


def row_of(name: str, share: Share) -> Row:
    """A share with its interval."""
    interval = wilson_interval(share.right, share.of)
    return {"": name, "share": interval.estimate, "low": interval.low, "high": interval.high, "of": share.of}


def by_length(lengths_N: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """(from-to, items) for up to four groups; items of one length stay together."""
    quantiles = np.quantile(lengths_N, np.arange(1, GROUPS + 1) / GROUPS)
    edges = sorted({int(edge) for edge in quantiles})
    found, low = [], int(lengths_N.min())
    for high in edges:
        items = np.flatnonzero((lengths_N >= low) & (lengths_N <= high))
        if len(items):
            found.append((f"{low}-{high}" if low < high else str(high), items))
        low = high + 1
    return found if len(found) > 1 else []


def scored(
    title: str, items: np.ndarray, found: Sequence[Written], part: Sequences, spec: DataSpec,
    as_text: Callable[[Sequence[str]], str],
) -> tuple[Row, tuple[str, ...]]:  # fmt: skip
    """The figures of some items."""
    places = {symbol: place for place, symbol in enumerate(spec.target_symbols)}
    written_NU = np.zeros((len(items), spec.target_length), dtype=np.int64)
    for symbols_U, item in zip(written_NU, items, strict=True):
        symbols_U[: len(found[item].target)] = [places[symbol] for symbol in found[item].target]
    alternatives = None if part.alternatives is None else part.alternatives[items]
    closest = nearest(written_NU, part.labels[items], alternatives)
    exact = wilson_interval(int(closest.exact.sum()), len(items))
    row: Row = {
        "length": title, "items": len(items), "exact": exact.estimate, "low": exact.low, "high": exact.high,
        "symbol_error": float(closest.edits.sum() / max(1, closest.lengths.sum())),
    }  # fmt: skip
    if spec.unit != "word":
        return row, ()
    texts = [as_text(found[item].target) for item in items]
    scores = text_scores(texts, [references(part, item, spec, as_text) for item in items])
    bleu = {"bleu": scores.bleu, "bleu_low": scores.bleu_low, "bleu_high": scores.bleu_high}
    return row | bleu | {"chrf": scores.chrf}, scores.signatures


def references(part: Sequences, item: int, spec: DataSpec, as_text: Callable[[Sequence[str]], str]) -> list[str]:
    """The targets of an item as texts."""
    return [as_text(target) for target in all_targets(part, item, spec)]


def all_targets(part: Sequences, item: int, spec: DataSpec) -> list[list[str]]:
    """The symbols of each target of an item, without its end."""
    targets = part.labels[item : item + 1]
    if part.alternatives is not None:
        targets = joined(targets, part.alternatives[item : item + 1])[0]
    return [[spec.target_symbols[place] for place in row if place > 0] for row in targets if row[0] >= 0]
