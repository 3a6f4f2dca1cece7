# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stmatte_blender.stmatte_host import EngineError

from stmatte_blender.state import (
    KINDS,
    STATE,
    NodeMark,
    NodeObject,
    NodeState,
    keep_state,
    mask_of,
    plate_of,
    set_mask,
    set_plate,
    state_of,
    why_unread,
)

frames = st.none() | st.integers(-1000, 10_000)
states = st.builds(
    NodeState,
    take=st.text(min_size=1),
    out=st.text(),
    objects=st.lists(
        st.builds(NodeObject, st.text(), st.text(), st.text(), st.booleans()), max_size=3
    ).map(tuple),
    marks=st.lists(
        st.builds(
            NodeMark, st.text(), st.sampled_from(KINDS), st.integers(-9, 9), st.integers(-9, 9)
        ),
        max_size=3,
    ).map(tuple),
    settings=st.dictionaries(st.text(), st.integers() | st.text(), max_size=3),
    first=frames,
    last=frames,
    uncertainty=st.booleans(),
    cryptomatte=st.booleans(),
    propagate_before_render=st.booleans(),
    uncertainty_socket=st.text(),
)

HERO = NodeObject("hero", "Hero", "Socket_1")


@given(state=states)
def test_what_is_kept_is_what_is_read(state: NodeState) -> None:
    group: dict[str, Any] = {}

    keep_state(group, state)

    assert state_of(group) == state
    assert why_unread(group) == ""


def test_a_group_of_somebody_else_has_no_state() -> None:
    assert state_of({}) is None
    assert why_unread({}) == ""


@pytest.mark.parametrize(
    "text",
    [
        '{"format": "stmatte.node/2", "take": "a", "out": ""}',
        '{"format": "stmatte.node/1"}',
        '{"take": "a"}',
        "not JSON",
        "[]",
        '{"format": "stmatte.node/1", "take": "a", "out": "", "marks": [{"kind": "other"}]}',
    ],
)
def test_what_cannot_be_read_is_told_and_never_written_over(text: str) -> None:
    group = {STATE: text}

    assert state_of(group) is None
    assert "another version" in why_unread(group)
    with pytest.raises(EngineError, match="kept as it is"):
        keep_state(group, NodeState("a", "//mattes"))
    assert group == {STATE: text}


def test_what_a_later_version_added_is_kept() -> None:
    group = {STATE: '{"format": "stmatte.node/1", "take": "a", "out": "//m", "shutter": 180}'}
    state = state_of(group)
    assert state is not None

    keep_state(group, replace(state, take="b"))

    assert json.loads(group[STATE])["shutter"] == 180
    assert state_of(group) == NodeState("b", "//m")


def test_keeping_the_same_writes_nothing() -> None:
    class Watched(dict[str, Any]):
        written = 0

        def __setitem__(self, name: str, value: Any) -> None:
            self.written += 1
            super().__setitem__(name, value)

    group = Watched()
    for _ in range(2):
        keep_state(group, NodeState("a", "//m"))

    assert group.written == 1


def test_an_object_that_goes_takes_with_it_what_was_said_of_it() -> None:
    marks = (NodeMark("hero", "absent", 1, 5), NodeMark("car", "absent", 1, 5))
    state = NodeState("a", "", (HERO, NodeObject("car", "Car", "Socket_2")), marks)

    left = state.without_object("hero")

    assert [each.name for each in left.objects] == ["car"]
    assert left.marks == marks[1:]


def test_an_object_that_changed_stays_in_its_place() -> None:
    car = NodeObject("car", "Car", "Socket_2")
    state = NodeState("a", "", (HERO, car))

    changed = state.with_object(replace(HERO, on=False))

    assert changed.objects == (replace(HERO, on=False), car)
    assert changed.object("hero") == replace(HERO, on=False)
    assert changed.object("other") is None


class Node(dict[str, Any]):
    """A node as far as it holds properties."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.bl_idname = kind


class Group(dict[str, Any]):
    """A node group as far as it holds properties and nodes."""

    def __init__(self, *kinds: str) -> None:
        super().__init__()
        self.nodes = [Node(kind) for kind in kinds]


def test_mask_and_plate_are_pointers_on_the_output_inside_and_not_on_the_group() -> None:
    group = Group("CompositorNodeImage", "NodeGroupOutput")
    assert mask_of(group) is None

    set_mask(group, "a mask")
    set_plate(group, "a clip")
    assert (mask_of(group), plate_of(group)) == ("a mask", "a clip")
    assert (len(group), len(group.nodes[0]), len(group.nodes[1])) == (0, 0, 2)

    set_mask(group, None)
    set_plate(group, None)
    set_plate(group, None)
    assert group.nodes == [{}, {}]


def test_mask_and_plate_stay_when_the_output_node_was_made_anew() -> None:
    group = Group("CompositorNodeImage")
    set_mask(group, "a mask")
    group.nodes.append(Node("NodeGroupOutput"))
    assert mask_of(group) == "a mask"

    set_mask(group, "another")
    assert (mask_of(group), group.nodes[0]) == ("another", {})


def test_a_group_that_was_emptied_says_so() -> None:
    with pytest.raises(EngineError, match="nothing left inside"):
        set_mask(Group(), "a mask")
