# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from stmatte.acceptance.finding import Finding, Report, grouped


def test_the_same_on_several_frames_is_said_once_with_the_worst() -> None:
    (group,) = grouped(
        Finding("pops", "fail", "the edge jumps", frame, "hero", value, "px")
        for frame, value in ((1003, 2.0), (1001, 3.5), (1002, 1.0))
    )

    assert group.frames == (1001, 1002, 1003)
    assert str(group) == "hero: the edge jumps, 3.5 px at 1001 (1001-1003)"


def test_what_is_about_the_whole_delivery_names_no_frame() -> None:
    (group,) = grouped([Finding("pops", "warn", "is empty on every frame", object="hero")])

    assert str(group) == "hero: is empty on every frame"


def test_groups_stand_in_the_order_of_the_checks_and_what_refuses_first() -> None:
    groups = grouped(
        [
            Finding("values", "warn", "above 1", 1),
            Finding("frames", "fail", "missing", 7),
            Finding("values", "fail", "below 0", 2),
        ]
    )

    assert [(g.check, g.verdict) for g in groups] == [
        ("frames", "fail"),
        ("values", "fail"),
        ("values", "warn"),
    ]


def test_warnings_do_not_refuse() -> None:
    told = Report(grouped([Finding("values", "warn", "above 1", 1)]), {}, 1, ("hero",))
    refused = Report(grouped([Finding("values", "fail", "above 1", 1)]), {}, 1, ("hero",))

    assert told.accepted
    assert not refused.accepted
    assert [told.verdict("values"), told.verdict("size"), refused.verdict("values")] == [
        "warn",
        "ok",
        "fail",
    ]
