# SPDX-License-Identifier: Apache-2.0
"""Compiling a network's encoders and decoders for the machine that they run on.

What is compiled runs faster after a first frame that takes a minute; so it is asked for, and
never the default. Reads of memory stay as they are: memory grows from frame to frame, and each
size would be compiled anew. Knows layers only.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path

import torch
from torch import nn

from stmatte.networks.protocol import Network


def compiled(network: Network, device: torch.device) -> Network:
    """Return a network whose parts are compiled when they are first run.

    Where that is not possible here, it is the network as it was; `uncompiled` says why. A part
    that turns out not to compile runs as it was, too.
    """
    if isinstance(network, nn.Module) and not uncompiled(device):
        torch._dynamo.config.suppress_errors = True  # documented; a part that fails runs eagerly
        for part in network.children():
            part.compile(dynamic=False)  # sizes stay the same over a shot
    return network


def is_compiled(network: Network) -> bool:
    """Tell whether a network's parts are compiled, or will be."""
    return isinstance(network, nn.Module) and any(
        part._compiled_call_impl is not None for part in network.children()
    )


def uncompiled(device: torch.device) -> str:
    """Return why nothing can be compiled for a device, as a sentence; "" where it can."""
    if device.type == "cuda":
        from torch.utils._triton import has_triton  # takes a while to import

        return "" if has_triton() else "Networks are not compiled: Triton is not installed."
    if shutil.which(_compiler()) is None:
        return (
            f"Networks are not compiled: there is no C++ compiler {_compiler()} on this machine. "
            "Install it, or name another in the environment variable CXX."
        )
    if not (Path(sysconfig.get_path("include")) / "Python.h").is_file():
        return (
            "Networks are not compiled: Python's headers are not on this machine. Install the "
            "development files of its Python."
        )
    return ""


def _compiler() -> str:
    """Return the name of the C++ compiler that PyTorch would call."""
    usual = {"darwin": "clang++", "win32": "cl"}
    return os.environ.get("CXX", usual.get(sys.platform, "g++"))
