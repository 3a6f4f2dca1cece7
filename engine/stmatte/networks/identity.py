# SPDX-License-Identifier: Apache-2.0
"""What tells one set of weights from another: size, fingerprint, and where it is from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from torch import nn

from stmatte.errors import StmatteError
from stmatte.networks.precision import plain
from stmatte.networks.protocol import Network


def parameters(network: Network) -> int:
    """Return the number of numbers that training can change."""
    return sum(p.numel() for p in cast(nn.Module, network).parameters())


def fingerprint(network: Network) -> str:
    """Return 12 hexadecimal digits that change with any weight: SHA-256 over names and values.

    They are those of the weights in float32, whatever precision the network computes in.
    """
    digest = hashlib.sha256()
    for name, tensor in sorted(cast(nn.Module, plain(network)).state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:12]


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check_whole(path: Path, told: Mapping[str, object]) -> None:
    """Refuse weights that are not, to the bit, those that the JSON beside them tells of.

    told  the JSON's content; one without "sha256" says nothing about bytes

    Raises StmatteError naming the file.
    """
    due = told.get("sha256")
    if due is not None and due != (found := digest_of(path)):
        raise StmatteError(
            f"Weights file {path} is damaged, or was changed",
            value=found,
            allowed=f"the SHA-256 that is told of it, {due}",
            repair="Install STMatte again, or give the path of a weights file of your own",
        )


def told_beside(weights: Path) -> dict[str, Any]:
    """Return what the JSON beside a weights file says; nothing where there is none.

    Raises StmatteError if the JSON is damaged.
    """
    beside = weights.with_suffix(".json")
    if not beside.is_file():
        return {}
    try:
        told = json.loads(beside.read_text("utf-8"))
    except ValueError as error:
        raise StmatteError(f"{beside} is not JSON ({error})", value=str(beside)) from error
    if not isinstance(told, dict):
        raise StmatteError(f"{beside} holds no JSON object", value=str(beside))
    return told


def provenance(weights: str) -> dict[str, Any]:
    """Return what the JSON beside a weights file that ships says: at least summary and licence."""
    text = (files("stmatte") / "weights" / weights.replace(".safetensors", ".json")).read_text(
        "utf-8"
    )
    return cast(dict[str, Any], json.loads(text))
