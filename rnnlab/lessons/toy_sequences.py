"""The toy data of TensorFlow-Examples' dynamic_rnn: sequences of numbers that count up, and random ones.

class 0   0.312 0.313 0.314 0.315 0     0   ...   counts up by 0.001 from anywhere
class 1   0.104 0.871 0.022 0     0     0   ...   each number drawn by itself; behind a sequence's end zeros
"""

from __future__ import annotations

import numpy as np

from rnnlab.data.contents import Sequences

LONGEST, SHORTEST, VALUES = 20, 3, 1000


def toy_sequences(count: int, seed: int) -> Sequences:
    """``count`` of them, drawn as the original draws them: inputs float32 (N, 20, 1), lengths from 3 to 20."""
    generator = np.random.default_rng(seed)
    lengths_N = generator.integers(SHORTEST, LONGEST + 1, count)
    is_random_N = generator.random(count) >= 0.5
    start_N = generator.integers(0, VALUES - lengths_N + 1)
    counting_NT = start_N[:, None] + np.arange(LONGEST)
    random_NT = generator.integers(0, VALUES + 1, (count, LONGEST))
    values_NT = np.where(is_random_N[:, None], random_NT, counting_NT) / VALUES
    valid_NT = np.arange(LONGEST) < lengths_N[:, None]
    inputs = np.where(valid_NT, values_NT, 0.0).astype(np.float32)[:, :, None]
    return Sequences(inputs, is_random_N.astype(np.int64), lengths_N)
