"""One trial as Lightning's and MLflow's documentation have it: a LightningModule, self.log, MLFlowLogger."""

from __future__ import annotations

import time
from typing import Any

from rnnlab.bench.contenders.grid import EMBEDDING, Trial, rows, windows
from rnnlab.bench.contenders.record import leave

STORE = "sqlite:///mlflow.db"


def make_store() -> None:
    """Create the database once, before several processes open it at the same time."""
    from mlflow.tracking import MlflowClient

    MlflowClient(STORE).search_experiments()


def train(trial: Trial) -> float:
    """Train, and return the last loss."""
    import pytorch_lightning as lightning
    import torch
    from pytorch_lightning.loggers import MLFlowLogger
    from torch import nn
    from torch.utils.data import DataLoader

    class Model(lightning.LightningModule):
        def __init__(self, symbols: int) -> None:
            super().__init__()
            self.embedding = nn.Embedding(symbols, EMBEDDING)
            self.lstm = nn.LSTM(EMBEDDING, trial.hidden, batch_first=True)
            self.head = nn.Linear(trial.hidden, symbols)
            self.state: Any = None
            self.began = self.trained = 0.0

        def on_train_start(self) -> None:
            self.began = time.time()

        def on_train_end(self) -> None:
            self.trained = time.time()

        def training_step(self, batch: Any, index: int) -> Any:
            outputs, (h, c) = self.lstm(self.embedding(batch[0]), self.state)
            self.state = (h.detach(), c.detach())
            loss = nn.functional.cross_entropy(self.head(outputs).flatten(0, 1), batch[1].flatten())
            self.log("train_loss", loss)
            return loss

        def configure_optimizers(self) -> Any:
            return torch.optim.AdamW(self.parameters(), lr=trial.rate)

    torch.set_num_threads(1)
    lightning.seed_everything(trial.seed, verbose=False)
    stream, symbols = rows()
    batches: Any = list(windows(stream, trial.steps))
    logger = MLFlowLogger(experiment_name="bench", tracking_uri=STORE, run_name=str(trial))
    logger.log_hyperparams(trial._asdict())
    trainer = lightning.Trainer(
        accelerator="cpu",
        max_steps=trial.steps,
        max_epochs=1,
        gradient_clip_val=1.0,
        logger=logger,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    model = Model(symbols)
    trainer.fit(model, DataLoader(batches, batch_size=None))
    leave(trial, model.began, model.trained)
    return float(trainer.callback_metrics["train_loss"])
