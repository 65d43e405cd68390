"""Bare PyTorch loops in two processes, with no logging at all."""

from __future__ import annotations

import multiprocessing
import time

from rnnlab.bench.contenders.grid import EMBEDDING, SLOTS, Trial, requested_trials, rows, windows
from rnnlab.bench.contenders.record import leave


def train(trial: Trial) -> None:
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
    began = time.time()
    for inputs, targets in windows(stream, trial.steps):
        outputs, (h, c) = lstm(embedding(inputs), state)
        loss = nn.functional.cross_entropy(head(outputs).flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        state = (h.detach(), c.detach())
    leave(trial, began, time.time())


def main() -> None:
    with multiprocessing.get_context("spawn").Pool(SLOTS) as pool:
        pool.map(train, requested_trials(), chunksize=1)


if __name__ == "__main__":
    main()
