# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from stmatte.errors import StmatteError
from stmatte.layout import Layout


@pytest.mark.parametrize(
    ("channels", "name"),
    [
        ("object.A", "hero.A"),
        ("object.V", "hero.V"),
        ("roto_object.A", "roto_hero.A"),
        ("object_v2.alpha", "hero_v2.alpha"),
    ],
)
def test_the_word_object_stands_for_the_object_s_name(channels: str, name: str) -> None:
    assert Layout(channels).channel("hero") == name


def test_an_object_may_be_called_object() -> None:
    assert Layout("object.A").channel("object") == "object.A"
    assert Layout("roto_object.A").channel("objects") == "roto_objects.A"


@pytest.mark.parametrize(
    "channels",
    [
        *("", "A", "object", "object.", ".A", "hero.A", "object.A1", "object.A.B", "2object.A"),
        *("{object}.A", "object object.A", "object_object.A", "ob/object.A"),
    ],
)
def test_channels_without_a_place_for_the_name_are_refused(channels: str) -> None:
    with pytest.raises(StmatteError, match="are not possible"):
        Layout(channels)


@pytest.mark.parametrize("compression", ["", "bogus", "dwaa", "dwaa:0", "dwaa:x", "ZIP", "htj2k"])
def test_a_compression_that_is_not_known_is_refused(compression: str) -> None:
    with pytest.raises(StmatteError, match=f'Compression "{compression}" is not known'):
        Layout(compression=compression)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(StmatteError) as error:
        Layout("A", "bogus", "byte")

    for word in ('Channels "A"', 'Compression "bogus"', 'Depth "byte"'):
        assert word in str(error.value)


@pytest.mark.parametrize(
    ("compression", "channels", "lossy"),
    [
        ("dwaa:45", "object.Y", True),
        ("dwaa:45", "object.red", True),
        ("dwaa:45", "object.A", False),
        ("dwaa:45", "object.V", False),
        ("zips", "object.Y", False),
    ],
)
def test_only_dwaa_loses_something_and_only_of_colours(
    compression: str, channels: str, lossy: bool
) -> None:
    assert Layout(channels, compression).lossy == lossy
