"""The page of a run's histograms over training."""

from __future__ import annotations

from rnnlab.analysis.tables import read_table, table_steps
from rnnlab.report.card import figure_card
from rnnlab.report.document import document
from rnnlab.report.images import image
from rnnlab.report.markup import element
from rnnlab.report.words import counted
from rnnlab.studies.histogram_figures import histogram_figures
from rnnlab.studies.rendering import png
from rnnlab.tracking.folder import RunFolder

NAME = "histograms"
EXPLAINED = (
    "Each column is a histogram at one training step: the brighter, the more of the values lie there, on a scale of"
    " its own for each step. The white line is the median. The outermost 0.3 % of a step's values on either side may"
    " lie beyond the picture. Gradients are those of the mean loss over the rows that the probe looks at, shown by"
    " the logarithm of their size, zeros left out. Activations are what each unit computes at each step of these rows."
)


def histograms_page(folder: RunFolder) -> str:
    """Made of the tables in the run's folder. WorkError where one is damaged."""
    tables = [read_table(path, NAME) for path in table_steps(folder, NAME).values()]
    cards = [
        figure_card(figure.title, figure.caption, image(png(figure), figure.title))
        for figure in histogram_figures(tables)
    ]
    return document(
        f"Histograms of run {folder.id}",
        element("h1", f"Histograms of run {folder.id} over training"),
        element("p", f"Seen at {counted(len(tables), 'moment')}. {EXPLAINED}", class_="soft"),
        element("div", *cards, class_="two"),
        element("footer", f"The numbers: tables/{NAME}/STEP.csv beside this page."),
        pictures=True,
    )
