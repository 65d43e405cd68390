"""Small language models that were never trained, and texts that want to be more than text."""

from __future__ import annotations

import numpy as np
import torch

from rnnlab.config.compose import compose
from rnnlab.data.spec import DataSpec
from rnnlab.inside.subject import Subject
from rnnlab.inside.text import Text
from rnnlab.models.model import build_model
from rnnlab.models.tasks.language_model import LanguageModel

EVIL = (
    "<script>window.struck = 1</script>\n</template></div><img src=x onerror='window.struck = 2'>\t\"&amp;&lt;\n"
    "<!-- ]]> --><style>*{display:none}</style>\r\n\x00\x1b[31m\x1b]0;title\x07\x7f\x9b\u202eabc\u2066\u200b\u0301"
    "\u0301\u2028\u00a0\u3000\U0001f600\ufeff\ue000\ud800\u05d0\u05d1 javascript:window.struck=3 $x^2$ {{7*7}} `${1}`"
    " \\u003c\n"
)


def subject_of(characters: str, *words: str) -> Subject:
    """A model of 6 units a layer over the characters of a text; ``words`` change its configuration."""
    experiment = compose(["cell=lstm", "cell.hidden_size=6", "embedding.size=4", *words]).experiment
    symbols = tuple(sorted(set(characters)))
    spec = DataSpec("stream", symbols, 0, 0, {"train": 100}, 0, "character", "none")
    torch.manual_seed(1)
    model = build_model(experiment.cell, experiment.embedding, experiment.stack, experiment.task, spec)
    assert isinstance(model, LanguageModel)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)  # values all over their scales, as in a model that was trained
    ids = np.array([symbols.index(character) for character in characters], dtype=np.int64)
    return Subject("00c0ffee", model.eval(), spec, experiment, Text(ids, characters, "<b>a text</b>", "text"))
