# SPDX-License-Identifier: Apache-2.0
# ruff: noqa  # kept as it is where the golden files are made, so that both stay the same
"""Deterministic test weights for the parity files (see SPEC.md, section W).

    from weights import make_state, digest
    state = make_state("stm", salt=3)      # dict: name -> numpy array
    state = make_state("stcn", salt=3)

Needs numpy only.  Every value follows from (name, shape, salt) by integer
arithmetic on the raw PCG64 stream, so it is the same on every machine.
"""

import json
import os
import zlib

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)

# name fragments -> gain of the weight (first match wins)
GAINS = {
    "stm": [
        ("conv1_m.", 0.8),
        ("conv1_o.", 0.6),
        ("_M.conv1.", 1.0),
        ("_Q.conv1.", 1.0),
        (".Key.", 0.5),
        (".Value.", 0.7),
        ("pred2.", 0.7),
        ("Decoder", 0.8),
    ],
    "stcn": [
        ("key_encoder.conv1.", 1.0),
        ("value_encoder.conv1.", 1.2),
        ("key_proj.", 0.6),
        ("key_comp.", 0.5),
        ("ChannelGate", 1.0),
        ("SpatialGate", 1.0),
        ("decoder.pred.", 0.7),
        ("decoder", 0.8),
        ("fuser", 0.9),
    ],
}
RHO = 0.995  # how close the two STM encoders are to each other


def _raw(name, salt, n):
    """n values in [-1, 1), multiples of 2**-23, uniform; int64 numerators."""
    seed = zlib.crc32(("%s|%d" % (name, salt)).encode("utf-8"))
    r = np.random.PCG64(seed).random_raw(n)
    return (r >> np.uint64(40)).astype(np.int64) - 2**23


def _unit(name, salt, shape, centre):
    """Zero-mean unit-variance float64 array (uniform distribution)."""
    n = int(np.prod(shape, dtype=np.int64))
    k = _raw(name, salt, n).reshape(shape)
    x = k.astype(np.float64)
    if centre:  # exact integer sums
        m = k[0].size
        s = k.reshape(shape[0], m).sum(1).astype(np.float64) / m
        x = x - s.reshape((-1,) + (1,) * (len(shape) - 1))
    return x / 2.0**23 * np.sqrt(3.0)


def _twin(name):
    """Name of the memory-side parameter that a query-side one leans on."""
    return name.replace("Encoder_Q", "Encoder_M").replace("KV_Q", "KV_M")


def _noise(name, salt, shape, centre=False):
    x = _unit(name, salt, shape, centre)
    twin = _twin(name)
    if twin != name:
        x = RHO * _unit(twin, salt, shape, centre) + np.sqrt(1 - RHO * RHO) * x
    return x


def _param(arch, name, shape, salt):
    leaf = name.rsplit(".", 1)[1]
    if leaf == "num_batches_tracked":
        return np.zeros((), np.int64)
    if leaf == "mean":
        return np.array(MEAN, np.float32).reshape(shape)
    if leaf == "std":
        return np.array(STD, np.float32).reshape(shape)
    if len(shape) == 1:
        bn = (".bn" in name) or (".downsample.1." in name)
        u = _noise(name, salt, shape) / np.sqrt(3.0)  # in (-1, 1)
        if leaf == "running_mean":
            v = 0.2 * u
        elif leaf == "running_var":
            v = 1.0 + 0.4 * u
        elif bn and leaf == "weight":
            last = ".bn3." in name or (
                arch == "stcn" and "value_encoder.layer" in name and ".bn2." in name
            )
            v = (0.6 if last else 1.0) + 0.2 * u
        else:
            v = 0.1 * u  # BN bias, conv bias
        return v.astype(np.float32)
    fan_in = int(np.prod(shape[1:]))
    gain = 1.0
    for frag, g in GAINS[arch]:
        if frag in name:
            gain = g
            break
    first = ".conv1." in name and shape[2:] == [7, 7] or "conv1_" in name
    centre = len(shape) == 4 and not first and "SpatialGate" not in name
    x = _noise(name, salt, shape, centre)
    if name == "value_encoder.conv1.weight":
        x[:, 3:] *= 3.0  # mask channels count more
    return (gain * np.sqrt(2.0 / fan_in) * x).astype(np.float32)


def layout(arch):
    with open(os.path.join(HERE, "layouts.json")) as fh:
        return json.load(fh)[arch]


def make_state(arch, salt):
    return {n: _param(arch, n, s, int(salt)) for n, s in layout(arch).items()}


def digest(state):
    """crc32 over the little-endian float32 bytes in sorted name order."""
    c = 0
    for n in sorted(state):
        if state[n].dtype == np.float32:
            c = zlib.crc32(np.ascontiguousarray(state[n], "<f4").tobytes(), c)
    return c


if __name__ == "__main__":
    for a in ("stm", "stcn"):
        print(a, "salt 1:", "%08x" % digest(make_state(a, 1)))
