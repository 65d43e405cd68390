"""BLEU-1 to BLEU-4 and ROUGE-L of sentences that are split into words already, as captions are scored.

N sentences, each with at least one reference; all figures lie in [0, 1].
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

Words = Sequence[str]
ORDERS = 4
"""The longest n-grams that BLEU counts."""


def bleu(written: Sequence[Words], references: Sequence[Sequence[Words]]) -> tuple[float, ...]:
    """BLEU-1 .. BLEU-4 of a corpus (Papineni et al. 2002), as NLTK's ``corpus_bleu`` counts without smoothing.

        BLEU-k = min(1, exp(1 - r / c)) (p_1 p_2 .. p_k) ** (1 / k)

    p_n: the share of the n-grams written that a reference of their sentence has, each at most as often as the
    reference that has it most often; a sentence shorter than n counts as one n-gram, a wrong one. c: words written;
    r: words of the reference of each sentence whose length is nearest, the shorter of two.
    """
    found, counted = [0] * ORDERS, [0] * ORDERS
    words, nearest = 0, 0
    for sentence, right in zip(written, references, strict=True):
        words += len(sentence)
        nearest += min((abs(len(one) - len(sentence)), len(one)) for one in right)[1]
        for n in range(ORDERS):
            said = ngrams(sentence, n + 1)
            most: Counter[tuple[str, ...]] = Counter()
            for one in right:
                most |= ngrams(one, n + 1)
            found[n] += (said & most).total()
            counted[n] += max(1, said.total())
    if not found[0]:
        return (0.0,) * ORDERS
    brevity = min(0.0, 1 - nearest / words)
    nats = [math.log(share / of) if share else -math.inf for share, of in zip(found, counted, strict=True)]
    return tuple(math.exp(brevity + sum(nats[:k]) / k) for k in range(1, ORDERS + 1))


def ngrams(words: Words, n: int) -> Counter[tuple[str, ...]]:
    """How often each run of n words stands in a sentence."""
    return Counter(tuple(words[start : start + n]) for start in range(len(words) - n + 1))


def rouge_l(written: Sequence[Words], references: Sequence[Sequence[Words]]) -> float:
    """The mean over sentences of F_1 (Lin 2004) with the reference that gives the largest, as rouge_score has it.

    Precision and recall are the longest common subsequence as a share of the words written, and of the reference's.
    """
    best = [max(shared(sentence, one) for one in right) for sentence, right in zip(written, references, strict=True)]
    return math.fsum(best) / len(best)


def shared(one: Words, other: Words) -> float:
    """2 LCS / (words of both)."""
    return 2 * longest_common(one, other) / (len(one) + len(other)) if one and other else 0.0


def longest_common(one: Words, other: Words) -> int:
    """Words of the longest subsequence that two sentences share: the table of Wagner & Fischer, row by row."""
    row = [0] * (len(other) + 1)
    for word in one:
        diagonal = 0
        for place, against in enumerate(other, start=1):
            above = row[place]
            row[place] = diagonal + 1 if word == against else max(above, row[place - 1])
            diagonal = above
    return row[-1]
