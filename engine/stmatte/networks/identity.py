# SPDX-License-Identifier: Apache-2.0
"""What tells one set of weights from another: size, fingerprint, and where it is from."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from typing import Any, cast

from torch import nn

from stmatte.networks.protocol import Network


def parameters(network: Network) -> int:
    """Return the number of numbers that training can change."""
    return sum(p.numel() for p in cast(nn.Module, network).parameters())


def fingerprint(network: Network) -> str:
    """Return 12 hexadecimal digits that change with any weight: SHA-256 over names and values."""
    digest = hashlib.sha256()
    for name, tensor in sorted(cast(nn.Module, network).state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:12]


def provenance(weights: str) -> dict[str, Any]:
    """Return what the JSON beside a weights file that ships says: at least summary and licence."""
    text = (files("stmatte") / "weights" / weights.replace(".safetensors", ".json")).read_text(
        "utf-8"
    )
    return cast(dict[str, Any], json.loads(text))
