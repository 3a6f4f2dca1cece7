# SPDX-License-Identifier: Apache-2.0
# ruff: noqa  # kept as it is where the golden files are made, so that both stay the same
"""Deterministic test weights for the RGMP network (numpy only).

    from weights_rgmp import state_dict
    sd = state_dict("layouts_rgmp.json", salt="rgmp-a")      # name -> numpy array

The layout file lists every tensor of the public checkpoint (its own names, with the `module.` prefix) with its shape and a kind:
  conv  kernel (out, in, kh, kw)     normal(0, gain * sqrt(2 / (in*kh*kw)))
  bias  bias of a convolution        0.02 * n
  bn_w  batch-norm scale             1 + 0.1 * n
  bn_b  batch-norm shift             0.05 * n
  bn_m  running mean                 0.1 * n
  bn_v  running variance             1 + 0.2 * |n|
  const fixed values from the layout (image mean and std)
with n standard normals from numpy.random.Generator(PCG64(crc32(salt + ":" + name))), drawn in float64 in C order of the shape,
scaled in float64, then rounded to float32. `gain` comes from the layout ("gains": the first pattern that occurs in the name wins).
"""

import json
import zlib

import numpy as np


def _normals(salt, name, shape):
    seed = zlib.crc32(f"{salt}:{name}".encode("utf-8")) & 0xFFFFFFFF
    return np.random.Generator(np.random.PCG64(seed)).standard_normal(tuple(shape))


def _gain(gains, name):
    for pattern, value in gains:
        if pattern in name:
            return value
    return 1.0


def tensor(layout, name, salt):
    entry = layout["tensors"][name]
    shape, kind = entry["shape"], entry["kind"]
    if kind == "const":
        return np.asarray(entry["values"], dtype=np.float32).reshape(shape)
    n = _normals(salt, name, shape)
    if kind == "conv":
        fan_in = int(np.prod(shape[1:]))
        out = n * (_gain(layout["gains"], name) * np.sqrt(2.0 / fan_in))
    elif kind == "bias":
        out = 0.02 * n
    elif kind == "bn_w":
        out = 1.0 + 0.1 * n
    elif kind == "bn_b":
        out = 0.05 * n
    elif kind == "bn_m":
        out = 0.1 * n
    elif kind == "bn_v":
        out = 1.0 + 0.2 * np.abs(n)
    else:
        raise ValueError(f"unknown kind {kind!r} for {name!r}")
    return out.astype(np.float32)


def state_dict(layout, salt, prefix="module."):
    """All tensors of the layout; `prefix` is what the names carry ("" strips the checkpoint's `module.`)."""
    if not isinstance(layout, dict):
        with open(layout, encoding="utf-8") as f:
            layout = json.load(f)
    out = {}
    for name in layout["tensors"]:
        key = name if prefix == "module." else prefix + name[len("module.") :]
        out[key] = tensor(layout, name, salt)
    return out
