# SPDX-License-Identifier: Apache-2.0
"""Whatever stands in a timeline, a person hears a sentence."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutting import clip, dissolve, external, gap, sequence, span, timeline, touch
from stmatte.errors import StmatteError
from stmatte.output import Output
from stmatte.timelines.opening import open_cut
from stmatte.timelines.shots import Order, shots_of

ODD = [None, True, -1, 0, 1e-300, 1e30, float("nan"), "", "x", "\0", "{shot}", [], {}, ["x"]]


def whole() -> dict[str, Any]:
    """Return a timeline with a bit of everything."""
    said = {"stmatte": {"key": "keys/a.1002.png", "object": "hero"}, "cmx_3600": {"reel": "A1"}}
    marker = otio.schema.Marker("key", span(1002, 1), metadata=said)
    inner = otio.schema.Stack("nest", source_range=span(1, 3))
    inner.append(timeline([clip("c", sequence(1001, span(0, 9)), span(2, 5))]).tracks[0].clone())
    made = timeline(
        [
            gap(2),
            clip(
                "a",
                external("plate/plate.####.png", span(1001, 9)),
                span(1002, 4),
                markers=[marker],
                effects=[otio.schema.LinearTimeWarp(time_scalar=0.5)],
                metadata=said,
            ),
            dissolve(1, 1),
            clip("b", sequence(1001, span(86400, 9)), span(86402, 5)),
            inner,
        ]
    )
    return dict(json.loads(made.to_json_string()))


WHOLE = whole()


def places(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """Yield the way to every value of a document."""
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]
    for name, each in inside:
        if isinstance(each, dict | list):
            yield from places(each, (*path, name))
        else:
            yield (*path, name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("show")
    touch(made / "plate", *(f"plate.{frame}.png" for frame in range(1001, 1010)))
    touch(made / "keys", "a.1002.png", "b.1003.png", "c.1003.png")
    return made


def look_through(folder: Path, document: object) -> None:
    path = folder / "cut.otio"
    path.write_text(json.dumps(document), "utf-8")
    for keys in (folder / "keys", None):
        shots_of(open_cut(path), Order(Output("{shot}.####.exr"), keys, handles=2))


def look_through_damaged(folder: Path, place: tuple[Any, ...], odd: object) -> None:
    """Put something odd into a place, and let nothing but a sentence come of it."""
    document = copy.deepcopy(WHOLE)
    inner: Any = document
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = odd
    with suppress(StmatteError):
        look_through(folder, document)


def test_the_timeline_that_is_damaged_is_sound(folder: Path) -> None:
    path = folder / "cut.otio"
    path.write_text(json.dumps(WHOLE), "utf-8")

    shots = shots_of(open_cut(path), Order(Output("{shot}.####.exr"), folder / "keys"))

    assert [(shot.name, shot.problem) for shot in shots] == [("a", None), ("b", None), ("c", None)]


def odd_timelines() -> Iterator[tuple[tuple[Any, ...], object]]:
    """Yield what was found: each of them ended the process or came out as no sentence."""
    first = ("tracks", "children", 0, "children")
    yield ("tracks",), None
    yield (*first, 1, "metadata", "cmx_3600"), True
    yield (*first, 1, "effects", 0, "time_scalar"), 1e30
    yield (*first, 1, "effects", 0, "time_scalar"), float("nan")
    yield (*first, 3, "media_references", "DEFAULT_MEDIA", "target_url_base"), "\0"


@pytest.mark.parametrize(("place", "odd"), list(odd_timelines()), ids=str)
def test_what_was_found_is_a_sentence_or_harmless(
    place: tuple[Any, ...], odd: object, folder: Path
) -> None:
    look_through_damaged(folder, place, odd)


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(list(places(WHOLE))), odd=st.sampled_from(ODD))
def test_one_odd_value_is_a_sentence_or_harmless(
    place: tuple[Any, ...], odd: object, folder: Path
) -> None:
    look_through_damaged(folder, place, odd)
