# SPDX-License-Identifier: Apache-2.0
"""Every frame has the same channels. Knows names only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from stmatte.acceptance.finding import Finding

Channels = tuple[str, ...]


def channel_findings(frames_with: Mapping[Channels, Sequence[int]]) -> Iterator[Finding]:
    """Compare the channels of every frame with those that most frames have.

    frames_with   names of channels -> the frames that have exactly these
    """
    usual = most_usual(frames_with)
    for channels, frames in frames_with.items():
        lacking = ", ".join(name for name in usual if name not in channels)
        more = ", ".join(name for name in channels if name not in usual)
        for frame in frames:
            if lacking:
                yield Finding("channels", "fail", f"without {lacking}", frame)
            if more:
                yield Finding("channels", "fail", f"with {more}, which others lack", frame)


def most_usual(frames_with: Mapping[Channels, Sequence[int]]) -> Channels:
    """Return the channels that most frames have; of equals those of the earliest frame."""
    order = {channels: -min(frames) for channels, frames in frames_with.items()}
    return max(frames_with, key=lambda c: (len(frames_with[c]), order[c]), default=())
