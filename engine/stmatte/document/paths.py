# SPDX-License-Identifier: Apache-2.0
"""Paths in a document are relative to its folder and have forward slashes on every system.

Pure text: no file is looked at, no link followed, `~` and variables stay as they are.
"""

from __future__ import annotations

from pathlib import Path, PurePath, PureWindowsPath

from stmatte.model_names import split_model

WEIGHTS = (".pth", ".pt", ".ckpt", ".safetensors")
"""Endings of weights files, as `networks.registry` knows them."""


def from_document(path: str, base: Path) -> str:
    """Return where `path` of a document in the folder `base` lies."""
    return str(base / path)


def to_document(path: str, base: Path) -> str:
    """Return `path` for a document in `base`: relative if it lies below, else from the root.

    A relative `path` is relative to the folder that the process works in, not to `base`.
    """
    here = Path.cwd()
    for whole, folder in ((PurePath(path), base), (here / path, here / base)):
        if whole.is_relative_to(folder):
            return whole.relative_to(folder).as_posix()
    return (here / path).as_posix()


def model_from_document(model: str, base: Path) -> str:
    """Return the model's name as it is; a path of a weights file as `from_document`."""
    network, rest = split_model(model)
    return _joined(network, from_document(rest, base)) if _is_path(rest) else model


def model_to_document(model: str, base: Path) -> str:
    """Return the model's name as it is; a path as `to_document`, such that it reads as one."""
    network, rest = split_model(model)
    if not _is_path(rest):
        return model
    path = to_document(rest, base)
    return _joined(network, path if _is_path(path) else f"./{path}")


def model_alone(model: str) -> str:
    """Return the model's name as it is; of a weights file the name, not the folder."""
    network, rest = split_model(model)
    return _joined(network, PureWindowsPath(rest).name)  # it knows either slash


def _joined(network: str, path: str) -> str:
    return f"{network}:{path}" if network else path


def _is_path(model: str) -> bool:
    return "/" in model or "\\" in model or model.endswith(WEIGHTS)
