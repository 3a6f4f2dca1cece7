# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from stmatte.networks import mobilenet
from stmatte.networks.mobilenet import InvertedResidual
from stmatte.networks.strips import by_strips


@given(stride=st.sampled_from([1, 2]), height=st.integers(1, 9), rows=st.integers(1, 10))
def test_strips_are_what_the_whole_is(stride: int, height: int, rows: int) -> None:
    x = torch.rand(2, 3, height * stride, 4, generator=torch.Generator().manual_seed(height))

    def work(part: Tensor) -> Tensor:  # each row sees a row above and one below
        around = nn.functional.pad(part, (0, 0, 1, 1))
        return (around[..., :-2, :] + 2 * part + 4 * around[..., 2:, :])[..., ::stride, :]

    assert torch.equal(by_strips(work, x, stride, rows), work(x))


@pytest.mark.parametrize(("inputs", "outputs", "stride"), [(4, 4, 1), (4, 6, 2)])
@pytest.mark.parametrize("rows", [1, 3, 7])
def test_a_block_sees_the_same_strip_by_strip(
    inputs: int, outputs: int, stride: int, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = InvertedResidual(inputs, outputs, stride, expand=True)
    x = torch.rand(2, inputs, 16, 24)
    hidden = 4 * 6 * inputs * 24 * len(x)  # bytes of a row
    seen = []
    monkeypatch.setattr(
        block,
        "_whole",
        lambda part: (seen.append(part.shape[2]), InvertedResidual._whole(block, part))[1],
    )
    with torch.inference_mode():
        whole = block(x)
        monkeypatch.setattr(mobilenet, "STRIP", rows * stride * hidden)
        strips = block(x)

    assert torch.equal(strips, whole)
    assert seen[0] == 16
    assert max(seen[1:]) <= (rows + 2) * stride


def test_what_learns_sees_everything_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mobilenet, "STRIP", 1)
    block = InvertedResidual(4, 4, 1, expand=True)
    monkeypatch.setattr(mobilenet, "by_strips", lambda *_: pytest.fail("in strips"))

    block(torch.rand(1, 4, 8, 8)).sum().backward()
