# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from engine.acceptance.conftest import stored_of
from stmatte.acceptance.storage import storage_findings


@pytest.mark.parametrize("compression", ["none", "rle", "zips", "zip", "piz", "pxr24", "htj2k256"])
def test_what_keeps_every_bit_of_half_numbers_passes(compression: str) -> None:
    assert not list(storage_findings(stored_of(compression=compression), 1))


@pytest.mark.parametrize("compression", ["dwaa", "dwab", "b44", "b44a", "dwaa:45"])
def test_what_loses_bits_is_refused(compression: str) -> None:
    (found,) = storage_findings(stored_of(compression=compression), 1)

    assert found.words == f"compression {compression.partition(':')[0]} loses bits"
    assert found.verdict == "fail"


def test_pxr24_loses_bits_of_32_bit_numbers() -> None:
    (found,) = storage_findings(stored_of(compression="pxr24", kind="float"), 1)

    assert "loses bits" in found.words
    assert not list(storage_findings(stored_of(compression="zip", kind="float"), 1))


def test_whole_numbers_are_refused_by_the_name_of_the_object() -> None:
    (found,) = storage_findings(stored_of("hero", kind="uint"), 1)

    assert (found.object, found.words) == ("hero", "numbers are uint")


def test_another_file_format_is_refused() -> None:
    (found,) = storage_findings(stored_of(format="png", kind="uint8", compression=""), 1)

    assert found.words == "a file of format png, not EXR"
