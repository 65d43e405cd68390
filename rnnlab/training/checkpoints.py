"""Checkpoints: written whole or not at all, and read without executing anything."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from rnnlab.errors import RequestError, WorkError

FORMAT = "rnnlab checkpoint 1"
DOS_FOLDER = 0x10
"""The attribute by which an archive marks a folder."""


def save(path: Path, content: Mapping[str, Any]) -> None:
    """Write beside the target, sync to disk, then rename: a crash at any moment leaves a whole file.

    Raises WorkError where the disk is full or not writable; the earlier checkpoint is then still there.
    """
    beside = path.with_name(path.name + ".part")
    try:
        with open(beside, "wb") as file:
            torch.save({"format": FORMAT, **content}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except (OSError, RuntimeError) as error:
        # torch reports a failed write as RuntimeError with the OSError as its context
        reason = error if isinstance(error, OSError) else error.__context__ or error
        beside.unlink(missing_ok=True)
        kept = "the one before it is kept" if path.exists() else "there is none before it"
        raise WorkError(f"checkpoint {path} could not be written ({reason}); {kept}") from error


def load(path: Path) -> dict[str, Any]:
    """Read tensors and plain values only. RequestError for a file that is absent, damaged or foreign."""
    try:
        check_archive(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise RequestError(f"checkpoint {path}: no such file") from None
    except OSError as error:
        raise RequestError(f"checkpoint {path} cannot be read: {error.strerror or error}") from error
    except Exception as error:  # there is no end to what a damaged or foreign file makes a reader raise
        raise RequestError(
            f"checkpoint {path} is damaged or from another program ({type(error).__name__}); nothing of it was run"
        ) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise RequestError(f"checkpoint {path} is not one of rnnlab's (expected format {FORMAT!r})")
    return content


def check_archive(path: Path) -> None:
    """BadZipFile unless the file is an archive whose every checksum is right: torch.load looks at none.

    An entry that is marked as a folder is wrong too: torch would read it as nothing. torch's older form,
    a bare pickle, is no archive and never ours.
    """
    with zipfile.ZipFile(path) as archive:
        folder = next((entry.filename for entry in archive.infolist() if entry.external_attr & DOS_FOLDER), None)
        wrong = folder or archive.testzip()
    if wrong is not None:
        raise zipfile.BadZipFile(wrong)


def weights_sha256(weights: Mapping[str, Tensor]) -> str:
    """One hash over every weight's name, shape and bits."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        tensor = weights[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.view(torch.uint8).numpy().tobytes() if tensor.dim() else tensor[None].numpy().tobytes())
    return digest.hexdigest()
