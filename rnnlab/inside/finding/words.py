"""What people read of a discovery: the columns of its table, in plain words, and its numbers."""

from __future__ import annotations

from rnnlab.inside.finding.findings import Finding, Told

COLUMNS = {
    "feature": "what a unit may tell of the text",
    "true": "how often it is true; or that it is a number, which is told by a straight line",
    "unit": "the best unit of all, as layer:name:number, chosen on one half of the text; - before it: low when true",
    "score": "how well that unit tells it, on the other half: AUC (0.5 by chance, 1 always), or R2 of a number",
    "95 %": "the interval of the score, over blocks of the text",
    "untrained": "the mean score of the best units of networks that were never trained",
    "q": "the share of false claims, were all claims called found that are as sure as this one",
    "verdict": "found: neither accident nor an untrained network explains it; weak: neither does, but it is little",
    "F1": "of the best unit: 2 hits / (said to be true + true)",
    "probe": "AUC or R2 of a linear probe on all units at once, and its F1: what the whole state tells",
}


def cells(finding: Finding) -> dict[str, str]:
    """The row of a finding, under the names of ``COLUMNS``."""
    best, low = finding.best, "-" if finding.sign < 0 else ""
    untrained = sum(finding.untrained) / len(finding.untrained)
    return {
        "feature": finding.name,
        "true": "number" if finding.share is None else percent(finding.share),
        "unit": f"{low}{finding.unit}",
        "score": f"{'R2 ' if finding.label.number else 'AUC'} {best.score.estimate:.3f}",
        "95 %": f"{best.score.low:.3f} to {best.score.high:.3f}",
        "untrained": f"{untrained:.3f}",
        "q": small(finding.q),
        "verdict": finding.verdict,
        "F1": rounded(best.f1),
        "probe": probe_words(finding.probe),
    }


def probe_words(told: Told) -> str:
    return f"{told.score.estimate:.3f}" + ("" if told.f1 is None else f", F1 {told.f1:.2f}")


def percent(share: float) -> str:
    """``12 %``, ``0.4 %``"""
    return f"{100 * share:.2g} %" if share < 0.1 else f"{100 * share:.0f} %"


def small(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def rounded(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def sentence(finding: Finding) -> str:
    """What the unit does, in words."""
    way = "high" if finding.sign > 0 else "low"
    if finding.label.number:
        way = "rises" if finding.sign > 0 else "falls"
        return f"Unit {finding.unit} {way} with it: {finding.label.about}."
    return f"Unit {finding.unit} is {way} when it is true: {finding.label.about}."
