"""The page of a discovery: its table, and for each feature that was found a painted stretch of text."""

from __future__ import annotations

from pathlib import Path

from rnnlab.inside.finding.findings import Discovery, Finding, score_of
from rnnlab.inside.finding.showing import Shown, shown
from rnnlab.inside.finding.words import COLUMNS, cells, percent, sentence
from rnnlab.inside.painting.excerpt import STYLE, rows
from rnnlab.inside.painting.shading import rules
from rnnlab.inside.text import Text
from rnnlab.report.document import document
from rnnlab.report.markup import Markup, element
from rnnlab.report.words import counted

FIND_STYLE = Path(__file__).with_name("find.css")


def find_page(discovery: Discovery, run_id: str, text: Text, fdr: float) -> str:
    """An offline page without a script. The text is untrusted: it is escaped, and controls are shown as pictures."""
    found = discovery.found
    return document(
        f"What the units of run {run_id} tell",
        element("h1", f"What the units of run {run_id} tell"),
        element("p", summary(discovery, text, fdr), class_="soft"),
        table_card(discovery),
        *[finding_card(discovery, finding, shown(discovery, finding, text.characters)) for finding in found],
        styles=[STYLE, FIND_STYLE],
        rules=rules(),
    )


def summary(discovery: Discovery, text: Text, fdr: float) -> str:
    """What was looked at, and how much was found."""
    units = sum(values_NH.shape[1] for values_NH in discovery.activations.values.values())
    count = len(discovery.findings[0].untrained)
    reads = f", which read {discovery.null_symbols:,} of these" if discovery.null_symbols < 0.9 * len(text) else ""
    return (
        f"{len(discovery.found)} of {counted(len(discovery.labels), 'feature')} found in {units:,} units, reading"
        f" {len(text):,} characters of {text.origin}. Each unit was chosen on one half of the text and scored on the"
        f" other; a claim must beat the same labels shifted in time and {counted(count, 'untrained network')}{reads}."
        f" At most {percent(fdr)} of what is called found is expected to be false."
    )


def table_card(discovery: Discovery) -> Markup:
    """A row for each feature, and what the columns mean."""
    head = element("tr", *(element("th", name) for name in COLUMNS))
    body = [table_row(finding) for finding in discovery.findings]
    table = element("table", element("thead", head), element("tbody", *body))
    words = [pair for name, about in COLUMNS.items() for pair in (element("dt", name), element("dd", about))]
    return element(
        "div",
        element("h2", "All features"),
        element("div", table, class_="scroll"),
        element("details", element("summary", "What the columns say"), element("dl", *words, class_="columns")),
        class_="card",
    )


def table_row(finding: Finding) -> Markup:
    name, *others = cells(finding).values()
    feature = element("td", name, element("small", finding.label.about), class_="feature")
    return element("tr", feature, *(element("td", text) for text in others), class_=finding.verdict)


def finding_card(discovery: Discovery, finding: Finding, stretch: Shown) -> Markup:
    """One feature: what its unit does on a stretch of text, and the best units of the other layers and parts."""
    levels = stretch.scale.levels(stretch.values).tolist()
    looks = [f"v{level}{' true' if true else ''}" for level, true in zip(levels, stretch.true, strict=True)]
    painted = element("div", *rows(stretch.characters, looks), class_="painted")
    underlined = "above its mean" if finding.label.number else "true"
    caption = (
        f"{sentence(finding)} {finding.measure} {finding.best.score.estimate:.3f} on text that the choice never saw."
        f" Blue is {stretch.scale.low:.3g}, red is {stretch.scale.high:.3g}; underlined where the feature is"
        f" {underlined}. The stretch was chosen by the feature alone."
    )
    return element(
        "div",
        element("h2", finding.name),
        element("p", caption, class_="soft"),
        painted,
        element("details", element("summary", "The best unit of each layer and part"), part_table(discovery, finding)),
        class_="card",
    )


def part_table(discovery: Discovery, finding: Finding) -> Markup:
    """The unit that one half chooses in each part, and its score on the other half."""
    body = [
        element("tr", *(element("td", text) for text in (str(unit), f"{score_of(strength, finding.label.number):.3f}")))
        for unit, strength in discovery.by_part(finding).values()
    ]
    head = element("tr", element("th", "unit"), element("th", finding.measure))
    return element("div", element("table", element("thead", head), element("tbody", *body)), class_="scroll")
