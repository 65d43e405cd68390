"""Bare PyTorch loops in two processes, with no logging at all. The seconds without the imports go into a file."""

from __future__ import annotations

import argparse
import multiprocessing
import time
from pathlib import Path

from rnnlab.bench.contenders.grid import EMBEDDING, SLOTS, Trial, rows, trials, windows

SECONDS = "seconds.txt"


def train(trial: Trial, steps: int) -> None:
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(trial.seed)
    stream, symbols = rows()
    embedding, lstm = nn.Embedding(symbols, EMBEDDING), nn.LSTM(EMBEDDING, trial.hidden, batch_first=True)
    head = nn.Linear(trial.hidden, symbols)
    parameters = [*embedding.parameters(), *lstm.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=trial.rate)
    state = None
    for inputs, targets in windows(stream, steps):
        outputs, (h, c) = lstm(embedding(inputs), state)
        loss = nn.functional.cross_entropy(head(outputs).flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        state = (h.detach(), c.detach())


def warm(_: int) -> None:
    import torch  # noqa: F401


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=300)
    steps = parser.parse_args().steps
    with multiprocessing.get_context("spawn").Pool(SLOTS) as pool:
        pool.map(warm, range(SLOTS))
        start = time.perf_counter()
        pool.starmap(train, [(trial, steps) for trial in trials()], chunksize=1)
        Path(SECONDS).write_text(str(time.perf_counter() - start), encoding="utf-8")


if __name__ == "__main__":
    main()
