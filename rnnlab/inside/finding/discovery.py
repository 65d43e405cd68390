"""The units of a trained network that tell a feature of the text, each with what it takes to believe it.

1. The text is cut into blocks, in turn for choosing and for scoring (``halves``). The best unit of all layers and
   parts is chosen on one half, with its sign, its threshold and its line; all that is reported of it is from the
   other. The best of a thousand units looks good on the text that it was chosen on, whatever there is to find
   (Kriegeskorte 2009 on circular analysis).
2. Its AUC (or R2) has a 95 % interval over blocks of the text (``scoring``).
3. It has to beat two nulls, labels shifted in time and networks never trained (``null``). The larger p-value counts.
   Untrained networks read a part of the text only where all of it would take long; the trained one is chosen and
   scored on that part once more, so that both had the same chances.
4. One unit for each feature is one claim. Benjamini & Hochberg 1995 holds the share of false ones among those that
   are called found below the rate that was asked for. What is sure and still tells little (a strength below 0.3,
   a medium effect by Cohen 1988) is called weak, and not found.
5. Beside it stands what a linear probe on the whole state tells (``linear_probe``), as van der Ouderaa 2017 has it.

A unit that is found *tells* the feature. Whether the network uses it is another question, and ``ablation`` asks it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

import numpy as np

from rnnlab.errors import RequestError
from rnnlab.inside.activations import Activations, collect
from rnnlab.inside.finding.choosing import Choice, held_out, on_the_other, strength_table, strongest
from rnnlab.inside.finding.findings import VERDICTS, Discovery, Finding, Told, score_of
from rnnlab.inside.finding.halves import Halves, spread
from rnnlab.inside.finding.labelled import Labelled, asked, varies
from rnnlab.inside.finding.linear_probe import probe
from rnnlab.inside.finding.null import false_discovery, shift_p, untrained_p
from rnnlab.inside.finding.ranking import centred_ranks
from rnnlab.inside.finding.scoring import auc_interval, best_threshold, f1_score, line, r2_interval
from rnnlab.inside.reading import Part
from rnnlab.models.tasks.language_model import LanguageModel

AFFORDABLE, LEAST_READ = 7 * 10**10, 20_000
"""Untrained networks read as many symbols as so many multiplications allow, but never fewer than these."""
UNTRAINED_WARM_UP = 64
"""What a network that was never trained reads before its part of a text: little of it is still there by then."""
LEAST = 20
"""Characters of each half where a feature must be true, and as many where it must not."""

Watch = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]
"""Shows how far a stage of the work is: ``with watch("...") as done: done(3, 10)``."""


@dataclass(frozen=True, slots=True)
class Method:
    """fdr: the share of false discoveries that is allowed. null_symbols: how much text untrained networks read; None
    for as much as does not take long."""

    fdr: float = 0.05
    null_symbols: int | None = None
    seed: int = 0

    def symbols_for(self, model: LanguageModel) -> int:
        """A multiplication for each weight and symbol."""
        weights = sum(weight.numel() for weight in model.stack.parameters())
        return self.null_symbols or max(LEAST_READ, AFFORDABLE // max(1, weights))


def discover(
    model: LanguageModel,
    symbols_N: np.ndarray,
    labels: Sequence[Labelled],
    parts: Sequence[Part],
    untrained: Iterable[LanguageModel],
    method: Method,
    watch: Watch = lambda title: nullcontext(lambda done, of: None),
) -> Discovery:
    """Look for every feature in every unit of the parts.

    labels     features that vary in both halves (``tellable``), of the N symbols
    untrained  two networks at least; each is let go of before the next one is made
    """
    halves = Halves.of(len(symbols_N))
    with watch("the network reads") as done:
        activations = collect(model, symbols_N, parts, done)
    choosing, scoring = (strength_table(activations, labels, half) for half in (halves.choosing, halves.scoring))
    places = spread(len(symbols_N), halves.block, method.symbols_for(model))
    part_labels, part_halves = [label.at(places) for label in labels], Halves.of(len(places), halves.block)
    alike = held_out(activations.at(places), part_labels, part_halves)
    drawn = []
    for number, other in enumerate(untrained, start=1):
        with watch(f"untrained network {number} reads") as done:
            values = collect(other, symbols_N[places], parts, done, UNTRAINED_WARM_UP)
            drawn.append(held_out(values, part_labels, part_halves))
    with watch("probes are fitted") as done:
        probed_NF = probe(activations, labels, halves)
    findings = [
        finding(
            label, on_the_other(strongest(choosing, number), activations, label, halves), activations, halves,
            probed_NF[:, number], alike[number].strength, [each[number].strength for each in drawn], method.seed,
        )
        for number, label in enumerate(labels)
    ]  # fmt: skip
    return Discovery(judged(findings, method.fdr), labels, choosing, scoring, halves, activations, len(places))


def tellable(
    labels: Sequence[Labelled], halves: Halves, asked_for: Sequence[str], say: Callable[[str], None]
) -> list[Labelled]:
    """The features that both halves can say something of; others are left out and said.

    RequestError where such a one was asked for by name, or none is left.
    """
    kept = []
    for label in labels:
        if all(varies(label, half, LEAST) for half in (halves.choosing, halves.scoring)):
            kept.append(label)
            continue
        line = f"feature {label.name}: too rare in this text: each half needs {LEAST} characters that have it"
        if label.name in asked_for:
            raise RequestError(f"--{line}; read more with --symbols, or another --text")
        say(f"left out: {line}")
    if not kept:
        raise RequestError("no feature occurs often enough in this text; read more with --symbols, or another --text")
    return kept


def finding(
    label: Labelled,
    choice: Choice,
    activations: Activations,
    halves: Halves,
    probed_N: np.ndarray,
    alike: float,
    untrained: Sequence[float],
    seed: int,
) -> Finding:
    """One feature, before it is judged beside the others."""
    values_N = choice.sign * activations.of(choice.unit)
    at = asked(label, halves.scoring)
    summed_n = values_N[at].astype(np.float64)
    if not label.number:
        summed_n = centred_ranks(values_N[at].astype(np.float16)).astype(np.float64)
    return Finding(
        label=label,
        share=None if label.number else float(label.values_N.mean()),
        unit=choice.unit,
        sign=choice.sign,
        strength=choice.strength,
        best=told(values_N, label, halves, seed),
        probe=told(probed_N, label, halves, seed),
        untrained=[score_of(each, label.number) for each in untrained],
        alike=score_of(alike, label.number),
        p_shift=shift_p(summed_n, label.values_N[at].astype(np.float64), halves.block, seed=seed),
        p_untrained=untrained_p(alike, untrained),
        q=1.0,
        sure=False,
    )


def told(values_N: np.ndarray, label: Labelled, halves: Halves, seed: int) -> Told:
    """How well numbers tell a feature on the scoring half, with what the choosing half fixes of them."""
    first, second = asked(label, halves.choosing), asked(label, halves.scoring)
    labels_N, block_n = label.values_N, second // halves.block
    if label.number:
        intercept, slope = line(values_N[first], labels_N[first])
        guess_n = intercept + slope * values_N[second].astype(np.float64)
        return Told(r2_interval(guess_n, labels_N[second], block_n, seed), None)
    threshold = best_threshold(values_N[first], labels_N[first])
    return Told(
        auc_interval(values_N[second], labels_N[second], block_n, seed),
        f1_score(values_N[second], labels_N[second], threshold),
    )


def judged(findings: Sequence[Finding], fdr: float) -> list[Finding]:
    """With what may be called found among all of them; these first, and the strongest first."""
    adjusted = false_discovery([max(each.p_shift, each.p_untrained) for each in findings])
    known = [replace(each, q=q, sure=q <= fdr) for each, q in zip(findings, adjusted, strict=True)]
    return sorted(known, key=lambda each: (VERDICTS.index(each.verdict), -each.strength))
