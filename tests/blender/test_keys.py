# SPDX-License-Identifier: Apache-2.0
"""Keys in real Blenders: found exactly, told apart, and rasterised as the artist sees them."""

from __future__ import annotations

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
