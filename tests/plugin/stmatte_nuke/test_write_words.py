# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import errno
import struct
from pathlib import Path

import paths  # noqa: F401
from checks import refused

from stmatte_nuke.exr_whole import is_whole
from stmatte_nuke.write_words import RenderCancelledError, no_room, not_rendered

FOLDER = Path("/shot/keys")


def said(error: BaseException) -> str:
    return str(not_rendered(error, FOLDER, 'The key of "hero" on frame 7'))


def test_cancel_is_told_apart_from_a_failure() -> None:
    cancelled = not_rendered(RuntimeError("Cancelled"), FOLDER, "The key")

    assert isinstance(cancelled, RenderCancelledError)
    assert str(cancelled) == "The key was not rendered: it was cancelled."


def test_a_full_disk_is_known_by_its_number_and_by_nukes_words() -> None:
    for error in (
        OSError(errno.ENOSPC, "x"),
        RuntimeError("Write1: No space left on device"),
        RuntimeError("disk full"),
    ):
        assert said(error).startswith(
            'The key of "hero" on frame 7 was not written: the disk is full'
        )


def test_a_folder_that_may_not_be_written_to_says_so() -> None:
    assert 'may not be written to "' in said(PermissionError(errno.EACCES, "x"))
    assert "Change its permissions" in said(RuntimeError("Write1: Permission denied"))


def test_other_failures_are_told_in_nukes_words() -> None:
    assert said(RuntimeError("Read1: Missing input channel.\n")) == (
        'The key of "hero" on frame 7 could not be rendered: Nuke says: Read1: Missing input '
        "channel. Mend what is connected there, so that a Viewer shows it, and try once more."
    )


def test_no_room_is_refused_before_anything_is_rendered(tmp_path: Path) -> None:
    no_room(tmp_path, 1, "The key")
    with refused("is full: the key needs about"):
        no_room(tmp_path, 1 << 60, "The key")


def exr(lines: int, places: list[int], length: int, said_length: int) -> bytes:
    """An EXR of scan lines 0..lines-1, zips, whose chunks hold `said_length` bytes."""

    def attribute(name: str, kind: str, value: bytes) -> bytes:
        return name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<I", len(value)) + value

    head = struct.pack("<II", 20000630, 2)
    head += attribute("compression", "compression", b"\x02")
    head += attribute("dataWindow", "box2i", struct.pack("<4i", 0, 0, 9, lines - 1)) + b"\0"
    start = len(head) + 8 * lines
    head += struct.pack(f"<{lines}Q", *(place and start + place - 1 for place in places))
    chunk = struct.pack("<ii", 0, said_length) + b"x" * length
    return head + chunk * lines


def test_a_file_is_whole_when_its_last_chunk_is(tmp_path: Path) -> None:
    path = tmp_path / "key.exr"
    # two chunks of 8 + 5 bytes; places count from 1, 0 is "never written"
    for contents, whole in (
        (exr(2, [1, 14], 5, 5), True),
        (exr(2, [1, 14], 5, 6), False),
        (exr(2, [1, 14], 5, 5)[:-1], False),
        (exr(2, [1, 0], 5, 5), False),
        (b"", False),
        (b"PNG, it is none of ours", False),
    ):
        path.write_bytes(contents)
        assert is_whole(path) is whole
    assert not is_whole(tmp_path / "none.exr")
