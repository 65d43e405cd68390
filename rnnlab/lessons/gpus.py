"""GPUs: which there are, what CUDA_VISIBLE_DEVICES shows of them, and which a run would take."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlab.devices import Gpu, cuda_of_torch, list_gpus, verdicts, visible, visible_setting
from rnnlab.lessons.base import Lesson, Try
from rnnlab.lessons.blocks import Block, Table, Text

DECLARED = [
    Gpu(0, "GPU-aaaa0000", "example GPU", 38.5, 40.0, 3),
    Gpu(1, "GPU-bbbb1111", "example GPU", 0.4, 40.0, 99),
]
"""Two that are made up, for machines that have none: the rules are the same."""
EXAMPLES: tuple[str | None, ...] = (None, "0", "1", "0,1", "1,0", "-1", "")


class GPUs(Lesson):
    """Choose, pin and share."""

    title = "GPUs: CUDA_VISIBLE_DEVICES, and what rnnlab makes of it"
    place = 100
    look = (
        "CUDA_VISIBLE_DEVICES=0 shows the first GPU alone, 0,1 two; a process counts what it sees from 0 again.",
        "-1 names no GPU: the list ends there, so nothing is seen, and a run uses the CPU.",
        "A GPU without a gigabyte of free memory is left to whom it belongs to, though it could be seen.",
        "Sweeps set the variable themselves, one slot for each GPU or a share of it: nothing to do by hand.",
    )
    next = (
        Try("rnnlab gpus", "the GPUs of this machine, and why each would or would not be used"),
        Try("CUDA_VISIBLE_DEVICES=-1 rnnlab gpus", "the same with all hidden"),
        Try("rnnlab train device=cpu trainer.max_steps=100", "CPU on request"),
        Try("rnnlab train -m cell=elman,lstm trainer.max_steps=200", "a sweep takes what there is"),
    )

    def run(self) -> Iterator[Block]:
        found, problem = list_gpus()
        cuda, setting = cuda_of_torch(), visible_setting()
        gpus = found or DECLARED
        absent = f"No GPU here: {problem}. The tables are of two made-up ones."
        here = f"nvidia-smi lists {len(found)}." if found else absent
        yield Text(
            f"{here} CUDA_VISIBLE_DEVICES is {'not set' if setting is None else repr(setting)}; torch is built for"
            f" {'the CPU alone' if cuda is None else 'CUDA ' + cuda}.",
            {"found": len(found), "setting": setting, "cuda": cuda},
        )
        rows = [
            {"gpu": gpu.index, "name": gpu.name, "free GB": gpu.free_gb, "load %": gpu.load_percent} for gpu in gpus
        ]
        yield Table("gpus", "GPUs" if found else "Two made-up GPUs", rows)
        built = cuda or "any"  # what the rule says of the variable, whatever this torch can do
        yield Table("settings", "What a process sees", [seen(gpus, each, built) for each in EXAMPLES])


def seen(gpus: list[Gpu], setting: str | None, cuda: str) -> dict[str, str]:
    """One value of the variable: what it shows, in the order of counting, and what a run would use."""
    shown = visible(gpus, setting)
    judged = zip(gpus, verdicts(gpus, setting, cuda), strict=True)
    said = "; ".join(f"{gpu.index}: {'yes' if verdict.use else 'no'}, {verdict.why}" for gpu, verdict in judged)
    return {
        "CUDA_VISIBLE_DEVICES": "(not set)" if setting is None else setting or "(empty)",
        "a process sees": ", ".join(f"cuda:{n} = GPU {gpu.index}" for n, gpu in enumerate(shown)) or "nothing: CPU",
        "rnnlab would use": said,
    }
