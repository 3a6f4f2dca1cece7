# SPDX-License-Identifier: Apache-2.0
"""Times as exact numbers of seconds, and the frames of a plate that they fall on.

Timelines write times as floating point numbers of frames at a rate, and rates as 23.976
where 24000/1001 is meant. Here both become fractions, so that no frame is lost to rounding.
A span of time is half open: it has its first moment and not its last.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor, isfinite

from stmatte.errors import StmatteError
from stmatte.timelines.library import otio

FINEST = 10_000
"""The smallest part of a frame that times are told apart by is one of so many."""

FASTEST = 1000
"""Frames a second beyond which a rate is a slip."""

_LONGEST = 1e9  # frames
_NTSC = Fraction(1000, 1001)
_NEAR = 0.005


@dataclass(frozen=True)
class During:
    """A span of time from `start` up to but without `end`, in seconds."""

    start: Fraction
    end: Fraction

    @property
    def seconds(self) -> Fraction:
        """How long it is; never below 0."""
        return max(self.end - self.start, Fraction(0))

    def within(self, other: During) -> During:
        """Return what the two have in common; of no length if that is nothing."""
        start = max(self.start, other.start)
        return During(start, max(start, min(self.end, other.end)))

    def later(self, seconds: Fraction) -> During:
        """Return the span moved by `seconds`."""
        return During(self.start + seconds, self.end + seconds)

    def longer(self, head: Fraction, tail: Fraction) -> During:
        """Return the span with so many seconds more at either end."""
        return During(self.start - head, self.end + tail)


def exact_rate(rate: float) -> Fraction:
    """Return the frames a second that are meant: 23.976 and 23.98 are 24000/1001.

    Raises StmatteError if there is no such rate.
    """
    if not 1 / FASTEST <= rate <= FASTEST:  # NaN is not
        raise StmatteError(
            f"The timeline counts {rate:g} frames a second somewhere",
            value=rate,
            allowed=f"a rate is above 0, and {FASTEST} at most",
            repair="Export the timeline again",
        )
    whole = round(rate)
    if whole and abs(rate - whole) < 1e-6:
        return Fraction(whole)
    if round(rate * 1.001) and abs(rate * 1.001 - round(rate * 1.001)) < _NEAR:
        return round(rate * 1.001) * _NTSC
    return Fraction(rate).limit_denominator(1001)


def seconds(time: otio.opentime.RationalTime) -> Fraction:
    """Return a time of the library in seconds. Raises StmatteError if it is none."""
    if not isfinite(time.value) or abs(time.value) > _LONGEST:
        raise StmatteError(
            f"The timeline has a time of {time.value:g} frames somewhere",
            value=time.value,
            allowed=f"times are numbers up to {_LONGEST:g}",
            repair="Export the timeline again",
        )
    return Fraction(time.value).limit_denominator(FINEST) / exact_rate(time.rate)


def during(span: otio.opentime.TimeRange) -> During:
    """Return a time range of the library in seconds."""
    start = seconds(span.start_time)
    return During(start, start + seconds(span.duration))


def rational(time: Fraction, rate: float) -> otio.opentime.RationalTime:
    """Return seconds as the library writes them, at a rate."""
    return otio.opentime.RationalTime(float(time * exact_rate(rate)), rate)


def time_range(span: During, rate: float) -> otio.opentime.TimeRange:
    """Return a span of time as the library writes it, at a rate."""
    return otio.opentime.TimeRange(rational(span.start, rate), rational(span.seconds, rate))


def frame_at(time: Fraction, rate: Fraction) -> int:
    """Return the number of the frame that is seen at a time, where time 0 is frame 0."""
    return floor(time * rate)


def seconds_of_code(word: int, rate: Fraction) -> Fraction | None:
    """Return a time code in seconds; None for 00:00:00:00, which files have that have none.

    word  as SMPTE 12M packs it: from the lowest byte frames, seconds, minutes and hours, two
          digits each; bit 6 says that numbers are dropped to keep up with the clock
    """
    frames, seconds, minutes, hours = (
        _digits(word >> shift & mask)
        for shift, mask in ((0, 0x3F), (8, 0x7F), (16, 0x7F), (24, 0x3F))
    )
    whole = round(rate)
    minute = hours * 60 + minutes
    count = (minute * 60 + seconds) * whole + frames
    if word & 0x40 and whole % 30 == 0:
        count -= (minute - minute // 10) * whole // 15  # two a minute at 29.97, not every tenth
    return Fraction(count) / rate if count else None


def _digits(byte: int) -> int:
    return (byte >> 4) * 10 + (byte & 0xF)
