# SPDX-License-Identifier: Apache-2.0
"""Keys in real Blenders: found exactly, told apart, and rasterised as the artist sees them."""

from __future__ import annotations

import pytest

from blenders import Blender


def test_keys_are_found_on_their_frames_and_the_artist_is_not_disturbed(blender: Blender) -> None:
    blender.run("finds_keys.py")


def test_what_is_drawn_changes_with_the_look_of_a_key_and_with_nothing_else(
    blender: Blender,
) -> None:
    blender.run("tells_keys_apart.py")


def test_a_rasterised_key_is_what_the_artists_own_mask_node_shows(blender: Blender) -> None:
    ran = blender.run("rasterises_keys.py")

    missing, small, file, barred = ran.told["errors"]
    assert 'no layer "nobody"' in missing
    assert "3x3" in small
    assert "Not a directory" in file
    assert "/proc/nowhere" in barred
    assert "frames 3 were cut off" in ran.told["full"]
    assert "disk is full" in ran.told["full"]


def test_a_shape_that_follows_a_track_is_rasterised_as_blender_renders_it(
    blender: Blender,
) -> None:
    ran = blender.run("tracks_keys.py")

    for layer in ("hero", "by hand"):
        before, first, *_, last = ran.told["across"][layer]
        area, *_, last_area = ran.told["area"][layer]
        assert before == first  # the track holds its first place before it begins
        every = layer == "by hand" or "leaves some behind" not in ran.told["remarks"]
        # 19 frames later, 0.19 of 96 pixels if every point follows: 18.24
        assert (last - first == pytest.approx(18.24, abs=0.1)) == every
        assert (last_area == pytest.approx(area, rel=0.01)) == every
