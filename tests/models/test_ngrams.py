"""A bag of n-grams, against dictionaries and sums by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from rnnlab.data.spec import DataSpec
from rnnlab.models.ngrams import DROPOUT, MOST_BUCKETS, BagOfNGrams, buckets_for

SPEC = DataSpec("sequences", tuple("abcdefg"), 0, 3, {"train": 500, "val": 5, "test": 5}, 40, "character", "0")


def bag(longest: int, spec: DataSpec = SPEC) -> BagOfNGrams:
    torch.manual_seed(0)
    model = BagOfNGrams(longest, spec)
    torch.nn.init.normal_(model.grams.weight)
    return model.eval()


def test_it_is_a_sum_over_n_grams() -> None:
    """Of each step that counts: a vector of its symbol, of the pair and of the three that end there."""
    model = bag(3)
    symbols_BT, lengths_B = torch.tensor([[1, 2, 3, 4], [5, 6, 0, 0]]), torch.tensor([4, 2])
    two_BT, three_BT = model.buckets(symbols_BT)
    for row, length in enumerate(lengths_B.tolist()):
        vectors = [
            model.map.weight[symbols_BT[row, t]]
            + model.grams.weight[two_BT[row, t]]
            + model.grams.weight[three_BT[row, t]]
            for t in range(length)
        ]
        wanted = model.head(torch.stack(vectors).sum(dim=0) / length**0.5)
        torch.testing.assert_close(model(symbols_BT, lengths_B)[row], wanted, rtol=0, atol=1e-5)
    whole, one = model(symbols_BT[:1], None), model(symbols_BT, lengths_B)[:1]
    torch.testing.assert_close(whole, one, rtol=0, atol=1e-5)


def test_a_bucket_is_of_an_n_gram_wherever_it_stands() -> None:
    """The beginning is a symbol too; two n-grams share one only by a chance of the hash."""
    model = bag(3)
    symbols_BT = torch.randint(7, (40, 30), generator=torch.Generator().manual_seed(1))
    found: dict[tuple[int, ...], int] = {}
    for n, buckets_BT in enumerate(model.buckets(symbols_BT), start=2):
        for symbols, buckets in zip(symbols_BT.tolist(), buckets_BT.tolist(), strict=True):
            marked = [-1] * (n - 1) + symbols
            for t, bucket in enumerate(buckets):
                assert found.setdefault(tuple(marked[t : t + n]), bucket) == bucket
    assert len(found) > 380 and len(set(found.values())) > 0.98 * len(found)


def test_n_grams_spread_over_all_buckets() -> None:
    model = bag(8, replace(SPEC, sizes={"train": 1, "val": 1, "test": 1}))
    assert model.grams.num_embeddings == 64
    counts = torch.cat(list(model.buckets(torch.randint(7, (50, 200))))).flatten().bincount(minlength=64)
    assert counts.min() > counts.double().mean() / 2


def test_what_training_never_read_says_nothing() -> None:
    """Letters alone decide before n-grams are learned; and there is room for many, but not for any number."""
    torch.manual_seed(0)
    fresh, letters = BagOfNGrams(5, SPEC).eval(), BagOfNGrams(1, SPEC).eval()
    letters.load_state_dict(fresh.state_dict())
    symbols_BT = torch.randint(7, (4, 9))
    assert torch.equal(fresh(symbols_BT, None), letters(symbols_BT, None))
    assert buckets_for(SPEC) == 32_768 > 500 * 40
    assert buckets_for(replace(SPEC, sizes={"train": 10**7})) == MOST_BUCKETS


def test_n_grams_are_left_out_in_training_alone() -> None:
    model = bag(2)
    g_BTD = torch.randn(40, 50, 3)
    assert model.kept(g_BTD) is g_BTD
    kept = model.train().kept(g_BTD)
    left_out = (kept == 0).all(dim=-1)
    torch.testing.assert_close(kept, torch.where(left_out[..., None], 0.0, g_BTD / (1 - DROPOUT)))
    assert left_out.double().mean().item() == pytest.approx(DROPOUT, abs=5 * (DROPOUT * (1 - DROPOUT) / 2000) ** 0.5)
