# SPDX-License-Identifier: Apache-2.0
"""A read as fused attention: on a GPU the affinity is never held, not even in tiles.

torch's `scaled_dot_product_attention` goes through memory block by block in the GPU's fast
memory. Products of half numbers are summed up, and the softmax is accumulated, in float32.
Every read that is a softmax of products can be said so: the plain one, the one by distance and
the kernelized one, which are products with a few more features. A read of the best few places
cannot, and goes by strips of the query (`memory.nearest`, `memory.matches`).

Kernels ask for heads: at most 256 features, keys as many as values (flash), a multiple of 8.
Keys here have 64 to 131 features and values 512 or many times that. So values are cut into
heads as wide as the keys, all of which ask with the same query and the same keys, and what
is missing is filled up with zeros, which change no product. Keys of more than 256 features
have no flash kernel; they are read by the memory-efficient one, which takes any width. Where
torch was built with neither, the read goes in tiles (`memory.dot`), as on a CPU.

Knows tensors and torch's kernels; of reads it knows products only.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

KERNELS = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION]
"""Those that never hold the affinity. cuDNN's doesn't either, but is prepared for each new size
of memory, and memory grows; the one called math holds it whole."""

NARROWEST = 64
"""Features of a head, at least: narrower ones leave a GPU's matrix units idle."""

STEP = 8
"""Features of a head come in multiples of this, with which every kernel can load them."""

_NO_KERNEL = ("No available kernel", "No viable backend")  # how torch says so

DTYPES = (torch.float32, torch.bfloat16, torch.float16)


def reads_fused(asked: Tensor, known: Tensor, stored: Tensor) -> bool:
    """Tell whether a read is made fused: on a GPU, where nothing is learnt.

    On a CPU the tiles are as quick, and keep their bits. Who learns reads in tiles, too: their
    gradients don't depend on the order in which a GPU adds.
    """
    tensors = (asked, known, stored)
    learning = torch.is_grad_enabled() and any(t.requires_grad for t in tensors)
    return asked.device.type == "cuda" and not learning and all(t.dtype in DTYPES for t in tensors)


def recall_fused(asked: Tensor, known: Tensor, stored: Tensor) -> Tensor | None:
    """Return softmax(asked @ known) @ stored without holding the affinity.

    asked    (..., Q, K) features of query places
    known    (..., K, M) features of memory places
    stored   (..., M, V) what memory holds there; leading axes are objects that each have
             their own memory, and a query may be shared by them (size 1 or none)
    returns  (..., Q, V); None where this torch has no kernel for it

    Source: Dao et al., "FlashAttention", NeurIPS 2022, and Rabe and Staats,
    arXiv:2112.05682, by whose ways torch does it.
    """
    query, key, value = as_heads(asked, known, stored)
    try:
        with sdpa_kernel(KERNELS):
            read = F.scaled_dot_product_attention(query, key, value, scale=1.0)
    except RuntimeError as error:
        if any(words in str(error) for words in _NO_KERNEL):
            return None
        raise
    lead, places = stored.shape[:-2], asked.shape[-2]
    joined = read.transpose(1, 2).flatten(2)[..., : stored.shape[-1]]  # (B, Q, V)
    return joined.reshape(*lead, places, stored.shape[-1])


def as_heads(asked: Tensor, known: Tensor, stored: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Cut a read into heads of one width that kernels take; arguments as for `recall_fused`.

    returns  query (B, heads, Q, D), key (B, heads, M, D) and value (B, heads, M, D), of B objects
             in the widest dtype of the three; an object's heads share one query and one key
    """
    wide = max(NARROWEST, _rounded_up(asked.shape[-1], STEP))
    heads = -(-stored.shape[-1] // wide)
    lead = stored.shape[:-2]
    kind = torch.promote_types(torch.promote_types(asked.dtype, known.dtype), stored.dtype)
    query = _widened(asked.to(kind), wide).expand(*lead, -1, -1)
    key = _widened(known.transpose(-1, -2).to(kind), wide).expand(*lead, -1, -1)
    value = _widened(stored.to(kind), heads * wide)
    objects = lead.numel()
    return (
        query.reshape(objects, 1, -1, wide).expand(-1, heads, -1, -1),
        key.reshape(objects, 1, -1, wide).expand(-1, heads, -1, -1),
        value.reshape(objects, stored.shape[-2], heads, wide).transpose(1, 2),
    )


def _widened(tensor: Tensor, wide: int) -> Tensor:
    """Return a tensor whose last axis is filled up with zeros, and close together in memory."""
    missing = wide - tensor.shape[-1]
    return F.pad(tensor, (0, missing)) if missing else tensor.contiguous()


def _rounded_up(number: int, step: int) -> int:
    return -(-number // step) * step
