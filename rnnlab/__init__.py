"""rnnlab: a laboratory for recurrent networks.

    >>> import rnnlab
    >>> result = rnnlab.train(["data=tinyshakespeare", "cell=lstm", "trainer.max_steps=300"])
    >>> model = rnnlab.load(result.run_id).model

Importing the package is cheap: torch comes with the first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from rnnlab import train as train
    from rnnlab.rerun import load as load


def __getattr__(name: str) -> Any:
    """``rnnlab.train`` is the module of that name, which can be called; ``rnnlab.load`` loads a run's model."""
    if name == "train":
        return importlib.import_module("rnnlab.train")
    if name == "load":
        return importlib.import_module("rnnlab.rerun").load
    raise AttributeError(f"module 'rnnlab' has no attribute {name!r}")
