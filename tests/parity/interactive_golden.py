# SPDX-License-Identifier: Apache-2.0
"""Scribbles, the robot and whole sessions against davisinteractive 1.0.4 itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.outcome import Outcome
from stmatte.evaluation.rounds import Round, next_frame
from stmatte.evaluation.rounds_summary import Work, summary
from stmatte.scribbles import (
    Hand,
    Stroke,
    draw_scribbles,
    draw_strokes,
    from_davis,
    robot_strokes,
    scribbled_frames,
    to_davis,
)
from stmatte.scribbles.curves import bezier
from stmatte.scribbles.drawing import line_points
from stmatte.scribbles.opening import dilated, disk, eroded
from stmatte.scribbles.robot import middle_lines, missed
from stmatte.scribbles.skeleton import skeleton

EXACT = 1e-6
EVERY = 37  # of a curve's points so many are passed over in the golden file

Arrays = Mapping[str, NDArray[Any]]


def check_interactive(file: Path, weights: ModuleType) -> Outcome:
    """Compare all that `davis_interactive.npz`, and the JSON beside it, hold."""
    del weights
    said = json.loads(file.with_suffix(".json").read_text("utf-8"))
    with np.load(file) as arrays:
        trouble = [
            *_lines(arrays),
            *_curves(arrays),
            *_openings(said["opening_radii"], arrays),
            *_skeletons(arrays),
            *(each for case in said["raster"] for each in _raster(case, arrays)),
            *(each for case in said["robot"] for each in _robot(case, arrays)),
            *(each for case in said["sessions"] for each in _session(case, arrays)),
        ]
    return Outcome(0.0, 0, "; ".join(trouble[:3]))


def _lines(arrays: Arrays) -> Iterator[str]:
    offsets = arrays["line_offsets"]
    for i, ends in enumerate(arrays["line_ends"].tolist()):
        wanted = arrays["line_points"][offsets[i] : offsets[i + 1]].tolist()
        if line_points((ends[0], ends[1]), (ends[2], ends[3])) != [tuple(p) for p in wanted]:
            yield f"line {i}"


def _curves(arrays: Arrays) -> Iterator[str]:
    for i in range(sum(name.startswith("bezier") for name in arrays) // 2):
        away = np.abs(bezier(arrays[f"bezier{i}_in"], 50) - arrays[f"bezier{i}_out"]).max()
        if not away <= EXACT:
            yield f"curve {i} is {away:.1e} away"


def _openings(radii: list[float], arrays: Arrays) -> Iterator[str]:
    mask = arrays["opening_in"] != 0
    for i, radius in enumerate(radii):
        less = eroded(mask, radius)
        found = (disk(radius), less, dilated(less, radius))
        wanted = (f"disk{i}", f"opening{i}_min", f"opening{i}_max")
        for ours, name in zip(found, wanted, strict=True):
            if not np.array_equal(ours, arrays[name]):
                yield name


def _skeletons(arrays: Arrays) -> Iterator[str]:
    for i in range(sum(name.startswith("medial") for name in arrays) // 2):
        if not np.array_equal(skeleton(arrays[f"medial{i}_in"]), arrays[f"medial{i}_out"]):
            yield f"medial{i}"


def _raster(case: Mapping[str, Any], arrays: Arrays) -> Iterator[str]:
    scribbles = from_davis(case["scribbles"])
    size = (case["resolution"][0], case["resolution"][1])
    if to_davis(scribbles) != case["scribbles"]:
        yield "a scribble is written otherwise than it was read"
    if list(scribbled_frames(scribbles)) != case["annotated_frames"]:
        yield "annotated frames"
    if list(scribbled_frames(scribbles, 1)) != case["annotated_frames_object1"]:
        yield "annotated frames of object 1"
    if scribbles.empty != case["is_empty"]:
        yield "emptiness"
    for each in case["masks"]:
        asked = each["arguments"]
        ours = draw_scribbles(
            scribbles,
            size,
            joined=asked.get("bresenham", True),
            smooth=asked.get("nb_points", 1000) if asked.get("bezier_curve_sampling") else 0,
            nothing=asked.get("default_value", -1),
        )
        if not np.array_equal(ours, arrays[each["array"]]):
            yield str(each["array"])


def _robot(case: Mapping[str, Any], arrays: Arrays) -> Iterator[str]:
    name, objects = f"robot{case['index']}", int(case["objects"])
    hand = _hand(case["parameters"])
    truth, prediction = arrays[f"{name}_truth"], arrays[f"{name}_prediction"]
    shape = (objects + 1, *truth.shape)
    bits = np.unpackbits(arrays[f"{name}_skeletons"])[: int(np.prod(shape))].reshape(shape)
    ours = np.stack([middle_lines(missed(truth, prediction, n), hand) for n in range(objects + 1)])
    if not np.array_equal(ours, bits):
        yield f"{name}: skeletons"
    strokes = robot_strokes(truth, prediction, objects, hand)
    if [stroke.object for stroke in strokes] != [each["object_id"] for each in case["curves"]]:
        yield f"{name}: strokes of each object"
    if not case["order_free"]:
        return  # there the public code's hash tables decide which of several lines is drawn
    for i, each in enumerate(case["curves"]):
        wanted = arrays[f"{name}_curve{i}"]
        if not any(_same(s, wanted) for s in strokes if s.object == each["object_id"]):
            yield f"{name}: curve {i}"
    if not np.array_equal(draw_strokes(strokes, truth.shape), arrays[f"{name}_raster"]):
        yield f"{name}: raster"


def _hand(said: Mapping[str, Any]) -> Hand:
    own = Hand()
    return Hand(
        said.get("kernel_size", own.kernel_size),
        said.get("max_kernel_radius", own.most_radius),
        said.get("min_nb_nodes", own.fewest),
        said.get("nb_points", own.points),
    )


def _same(stroke: Stroke, wanted: NDArray[Any]) -> bool:
    """Whether a stroke is the curve, drawn in either direction."""
    path = np.array(stroke.path)
    return any(
        np.abs(way[::EVERY][: len(wanted)] - wanted).max() <= EXACT for way in (path, path[::-1])
    )


def _session(case: Mapping[str, Any], arrays: Arrays) -> Iterator[str]:
    metric, name = case["metric"], f"session {case['name']}"
    rounds, drawn = [], dict[tuple[str, int], set[int]]()
    for each in case["interactions"]:
        done = Round(
            each["sequence"],
            each["scribble_idx"],
            each["interaction"],
            each["timing"],
            arrays[each["J"]],
            arrays[each["F"]],
        )
        rounds.append(done)
        before = drawn.setdefault(done.sample, set())
        if next_frame(done.scores(metric), before, each["candidates"]) != each["next_frame"]:
            yield f"{name}: the frame after {done.sample}, round {done.number}"
        before.add(each["next_frame"])
    work = Work(
        {key: value["objects"] for key, value in case["sequences"].items()},
        {key: value["scribbles"] for key, value in case["sequences"].items()},
    )
    ours = summary(
        rounds,
        work,
        metric,
        most_rounds=case["max_interactions"],
        seconds_per_object=case["max_time_per_object"],
    ).as_json()
    if not _near(ours, case["summary"]):
        yield f"{name}: summary"


def _near(ours: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        return set(ours) == set(wanted) and all(_near(ours[key], wanted[key]) for key in wanted)
    return bool(np.allclose(ours, wanted, rtol=0, atol=1e-9))
