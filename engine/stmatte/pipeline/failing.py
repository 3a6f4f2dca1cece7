# SPDX-License-Identifier: Apache-2.0
"""What is said when a device fails on the way: its memory is full, or it is gone.

A process that lost its GPU never gets it back: all that it tries there fails from then on. So
the run ends, and who lasts longer than a run (the service) ends, too, and is started anew.
The run does not go on elsewhere, since mattes of another device are other mattes.
"""

from __future__ import annotations

from collections.abc import Collection

import torch

from stmatte.errors import LostDeviceError, StmatteError
from stmatte.networks.protocol import Network
from stmatte.pipeline.budget import free_bytes, what_fits
from stmatte.pipeline.frugal import ran_out
from stmatte.pipeline.planned import PlannedShot
from stmatte.sizes import written_size

_GONE = (
    "CUDA error",
    "No CUDA GPUs are available",
    "_STATUS_EXECUTION_FAILED",
    "_STATUS_INTERNAL_ERROR",
    "_STATUS_NOT_INITIALIZED",
)
"""What torch and CUDA's libraries say in a plain RuntimeError when a GPU doesn't work any more."""


def in_words(
    planned: PlannedShot, network: Network, wanted: Collection[int], error: Exception
) -> StmatteError | None:
    """Return the sentence for a device that failed; None if the error is of another kind.

    wanted  frames that were to be computed
    """
    if ran_out(error):
        return memory_full(planned, network, wanted)
    if is_gone(error):
        return gone(error)
    return None


def is_gone(error: Exception) -> bool:
    """Tell whether an error says that a GPU doesn't work any more for this process."""
    if not isinstance(error, RuntimeError) or ran_out(error):
        return False
    named = getattr(torch, "AcceleratorError", ())  # since torch 2.8
    return isinstance(error, named) or any(words in str(error) for words in _GONE)


def gone(error: Exception) -> LostDeviceError:
    """Return the sentence for a GPU that doesn't work any more."""
    said = str(error).strip().split("\n")[0].rstrip(".")
    return LostDeviceError(
        f"The GPU stopped working ({said})",
        value=said,
        allowed="mattes that are done stay",
        repair="Propagate again, and only the others are computed, on the CPU if the device is "
        "auto and the GPU is gone. If it stops again, choose the device cpu, and have the GPU "
        "and its driver looked at",
    )


def memory_full(planned: PlannedShot, network: Network, wanted: Collection[int]) -> StmatteError:
    """Return the sentence for a shot that took all memory, with what would fit."""
    shot = planned.checked.shot
    settings, count = shot.settings, len(shot.objects)
    free = free_bytes(planned.device)
    lower, fewer = _that_fit(planned, network, wanted, free)
    ways = [f"the working height to {lower}"] if lower else []
    ways += [f"memory frames to {fewer}"] if fewer else []
    repair = " or ".join(ways) if ways else "the working height, or the number of memory frames"
    on_gpu = planned.device.type == "cuda"
    return StmatteError(
        f"{'GPU memory' if on_gpu else 'Memory'} is full at working height "
        f"{settings.working_height} with {count} {'object' if count == 1 else 'objects'} and "
        f"{settings.memory_frames} memory frames",
        value=settings.working_height,
        allowed=f"{written_size(free)} are free; mattes that are done stay",
        repair=f"Lower {repair}, or {'choose the CPU' if on_gpu else 'end other programs'}",
    )


def _that_fit(
    planned: PlannedShot, network: Network, wanted: Collection[int], free: int
) -> tuple[int | None, int | None]:
    try:
        return what_fits(planned, network, wanted, free)
    except (RuntimeError, MemoryError):  # not even room to count
        return None, None
