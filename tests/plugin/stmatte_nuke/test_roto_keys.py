# SPDX-License-Identifier: Apache-2.0
"""Key times of Rotos; the numbers that Nuke reports are those of a probe of Nuke 17.1."""

from __future__ import annotations

import drawn
import nuke.rotopaint as rp
import paths  # noqa: F401
import seat
from checks import refused
from drawn import BOX, box, curves, layer, roto

from stmatte_nuke import rotos
from stmatte_nuke.roto_keys import key_times

ABSENT = "If the object is absent there, say so by Absent here."


def test_the_measured_shape_is_keyed_where_its_points_are(script: seat.Seat) -> None:
    node = roto()
    shape = box(node, "hero", {1.0: BOX, 50.0: BOX, 100.0: BOX})

    assert shape[0].center.getControlPointKeyTimes("main") == [1.0, 50.0, 100.0]
    assert shape.getTransform().getTransformKeyTimes("main") == [1001.0]  # made there, untouched
    assert not shape.getTransform().isDefault()
    assert key_times(curves(node)).frames == (1, 50, 100)


def test_a_tangent_may_be_keyed_where_the_centre_is_not(script: seat.Seat) -> None:
    node = roto()
    shape = box(node, "hero", {1001: BOX, 1050: BOX})
    for frame in (1010, 1020):
        shape[2].featherRightTangent.addPositionKey(frame, rp.CVec3(1, 0, 0))

    assert key_times(curves(node)).frames == (1001, 1010, 1020, 1050)


def test_a_tangent_with_one_key_abstains(script: seat.Seat) -> None:
    node = roto()
    shape = box(node, "hero", {1001: BOX, 1050: BOX})
    shape[2].leftTangent.addPositionKey(1030, rp.CVec3(1, 0, 0))

    assert key_times(curves(node)).frames == (1001, 1050)


def test_a_layer_that_moves_keys_all_that_is_below_it(script: seat.Seat) -> None:
    node = roto()
    upper = layer(node, "body")
    lower = layer(node, "arm", upper)
    box(node, "hand", {1001: BOX, 1050: BOX}, lower)
    upper.getTransform().addTranslationKey(1020, 5, 0, 0)
    lower.getTransform().addRotationKey(1030, 0, 0, 5)

    # both layers were made on 1001, where Nuke keyed them by itself
    assert key_times(curves(node), "body/arm/hand").frames == (1001, 1020, 1030, 1050)


def test_the_layer_that_is_meant_and_its_neighbour_are_apart(script: seat.Seat) -> None:
    node = roto()
    one, other = layer(node, "one"), layer(node, "other")
    box(node, "a", {1001: BOX, 1050: BOX}, one)
    box(node, "b", {1003: BOX, 1060: BOX}, other)
    other.getTransform().addScaleKey(1070, 2, 2, 1)

    assert key_times(curves(node), "one").frames == (1001, 1050)
    assert key_times(curves(node), "other").frames == (1001, 1003, 1060, 1070)
    assert key_times(curves(node)).frames == (1001, 1003, 1050, 1060, 1070)


def test_opacity_feather_and_inversion_are_keys(script: seat.Seat) -> None:
    node = roto()
    attributes = box(node, "hero", {1001: BOX, 1050: BOX}).getAttributes()
    for name, frame in (("opc", 1010), ("fx", 1020), ("inv", 1030)):
        attributes.getCurve(name, "main").addKey(1001, 0.5)
        attributes.getCurve(name, "main").addKey(frame, 1)

    assert key_times(curves(node)).frames == (1001, 1010, 1020, 1030, 1050)


def test_a_frame_on_which_nothing_is_shown_is_no_key_and_is_said(script: seat.Seat) -> None:
    node = roto()
    shape = box(node, "hero", {1001: BOX, 1010: BOX, 1050: BOX})
    curve = shape.getAttributes().getCurve("vis", "main")
    for index, (frame, eye) in enumerate(((1001, 1), (1030, 0), (1050, 0))):
        curve.addKey(frame, eye)
        curve.getKey(index).interpolationType = 1  # a step

    found = key_times(curves(node), "hero")

    assert found.frames == (1001, 1010)
    assert found.notes == ('"hero" shows nothing on 1030, 1050: that is no key. ' + ABSENT,)


def test_a_shape_whose_eye_is_off_for_good_has_no_keys(script: seat.Seat) -> None:
    node = roto()
    box(node, "hero", {1001: BOX, 1050: BOX})
    box(node, "old", {1003: BOX, 1033: BOX}).getAttributes().getCurve(
        "vis", "main"
    ).constantValue = 0

    assert key_times(curves(node)).frames == (1001, 1050)


def test_a_shape_with_one_key_is_keyed_where_it_was_drawn(script: seat.Seat) -> None:
    node = roto()
    box(node, "hero", {1007: BOX})

    found = key_times(curves(node), "hero")

    assert found.frames == (1007,)
    assert found.notes == (
        'The shape "hero" is keyed once, on 1007: that frame is taken for its only key.',
    )


def test_a_shape_without_a_key_is_keyed_nowhere(script: seat.Seat) -> None:
    node = roto()
    box(node, "hero", {})

    assert key_times(curves(node)).frames == ()


def test_times_between_frames_are_rounded_and_said(script: seat.Seat) -> None:
    node = roto()
    box(node, "hero", {1001: BOX, 1010.25: BOX, 1020.5: BOX})

    found = key_times(curves(node))

    assert found.frames == (1001, 1010, 1021)
    assert found.rounded == (1010.25, 1020.5)


def test_a_track_on_a_layer_leaves_the_artists_keys(script: seat.Seat) -> None:
    node = roto()
    tracked = layer(node, "track")
    box(node, "hero", {1001: BOX, 1040: BOX}, tracked)
    for frame in range(1001, 1041):
        tracked.getTransform().addTranslationKey(frame, frame - 1001, 0, 0)

    found = key_times(curves(node))

    assert found.frames == (1001, 1040)
    assert 'The transform of "track" is keyed on every frame of 1001-1040' in found.notes[0]


def test_a_planar_track_is_found_in_the_matrix_beside_the_transform(script: seat.Seat) -> None:
    node = roto()
    shape = box(node, "hero", {1001: BOX})
    for frame in (1001, 1020, 1030):
        shape.getTransform().getExtraMatrixAnimCurve(0, 3, "main").addKey(frame, frame - 1001)

    assert key_times(curves(node)).frames == (1001, 1020, 1030)


def test_a_transform_that_follows_a_tracker_is_said(script: seat.Seat) -> None:
    node = roto()
    shape = box(node, "hero", {1001: BOX, 1040: BOX})
    curve = shape.getTransform().getTranslationAnimCurve(0, "main")
    curve.expressionString = "Tracker1.translate.x"
    curve.useExpression = True

    found = key_times(curves(node))

    assert found.frames == (1001, 1040)
    assert 'The transform of "hero" follows an expression' in found.notes[0]


def test_a_stroke_that_lives_on_one_frame_is_a_key_there(script: seat.Seat) -> None:
    node = roto()
    box(node, "hero", {1001: BOX, 1040: BOX})
    stroke = rp.Stroke(curves(node))
    stroke.name = "touch"
    point = rp.AnimControlPoint()
    point.addPositionKey(1015, rp.CVec3(3, 4, 1))
    stroke.append(point)
    curves(node).rootLayer.append(stroke)
    stroke = curves(node).rootLayer[1]
    for name, value in (("ltt", 2), ("ltn", 1020), ("ltm", 1020)):
        stroke.getAttributes().getCurve(name, "main").constantValue = value

    # 1015 is one key of a point, made when the brush went down, and abstains
    assert key_times(curves(node)).frames == (1001, 1020, 1040)


def test_the_roto_offers_its_top_layers_and_lone_shapes(script: seat.Seat) -> None:
    node = roto()
    upper = layer(node, "body")
    box(node, "arm", {}, upper)
    layer(node, "empty")
    box(node, "hair", {})

    offered = rotos.shapes(node)

    assert [(each.path, each.kind, each.name) for each in offered] == [
        ("body", "layer", "body"),
        ("hair", "shape", "hair"),
    ]


def test_a_shape_that_is_not_there_is_refused_with_those_that_are(script: seat.Seat) -> None:
    node = roto()
    box(node, "arm", {}, layer(node, "body"))
    box(node, "twin", {})
    box(node, "twin", {})

    with refused('has no shape or layer "body/leg": it has "body", "body/arm", "twin", "twin"'):
        key_times(curves(node), "body/leg")
    with refused('has 2 shapes or layers "twin": a source names one'):
        key_times(curves(node), "twin")


def test_an_empty_roto_has_no_keys(script: seat.Seat) -> None:
    assert key_times(drawn.curves(roto())).frames == ()
    assert rotos.shapes(roto()) == ()
