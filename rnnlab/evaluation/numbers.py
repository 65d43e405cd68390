"""How good answers are that are numbers: the error of each step ahead, and by length.

Shapes: N answers, U steps ahead.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnlab.statistics import mean_interval

Row = dict[str, Any]


def by_step_ahead(said_NU: np.ndarray, true_NU: np.ndarray) -> list[Row]:
    """For each step ahead: root mean squared and mean absolute error, the latter with Student's 95 % interval.

    Windows of one series overlap, so that an interval over them is too narrow.
    """
    error_NU = said_NU.astype(np.float64) - true_NU
    rows = []
    for step in range(error_NU.shape[1]):
        found = mean_interval(np.abs(error_NU[:, step]).tolist())
        rmse = float(np.sqrt(np.mean(error_NU[:, step] ** 2)))
        rows.append({"ahead": step + 1, "rmse": rmse, "mae": found.estimate, "low": found.low, "high": found.high})
    return rows


def forecasts(said_NU: np.ndarray, true_NU: np.ndarray) -> list[Row]:
    """Every forecast value beside the true one."""
    return [
        {
            "window": window,
            "ahead": step + 1,
            "said": float(said_NU[window, step]),
            "true": float(true_NU[window, step]),
        }
        for window, step in np.ndindex(*said_NU.shape)
    ]
