# SPDX-License-Identifier: Apache-2.0
"""What the fake Nuke renders can be counted by hand: outlines, transforms, blending, files."""

from __future__ import annotations

from pathlib import Path

import nuke
import nuke.rotopaint as rp
import paths  # noqa: F401 (it puts the fake on the path)
import plain_exr
import seat
from checks import close, refused
from nuke import _rendered


def square(roto: nuke.Node, x: float, y: float, side: float, name: str = "hero") -> rp.Shape:
    """Add a closed square to a Roto; x, y is its lower left corner."""
    shape = rp.Shape(roto["curves"])
    for corner in ((x, y), (x + side, y), (x + side, y + side), (x, y + side)):
        shape.append(rp.ShapeControlPoint(*corner))
    shape.name = name
    roto["curves"].rootLayer.append(shape)
    return shape


def alpha(node: nuke.Node, frame: int = 1001) -> list[float]:
    return _rendered.picture(node, frame).plane("rgba.alpha")


def test_a_square_covers_its_pixels_and_halves_of_those_at_its_edge(script: seat.Seat) -> None:
    seat.new_script("/a.nk", size=(6, 4))
    roto = nuke.nodes.Roto()
    square(roto, 1.5, 1, 2)

    rows = alpha(roto)

    # x from 1.5 to 3.5: half of pixel 1, all of 2, half of 3; y from 1 to 3: rows 1 and 2
    line = [0, 0.5, 1, 0.5, 0, 0]
    assert close(rows, [0] * 6 + line + line + [0] * 6)


def test_a_circle_of_four_curves_has_the_area_of_a_circle(script: seat.Seat) -> None:
    seat.new_script("/a.nk", size=(40, 40))
    roto = nuke.nodes.Roto()
    shape = rp.Shape(roto["curves"])
    r, k = 15.0, 15.0 * 0.5523
    for cx, cy, tx, ty in ((r, 0, 0, k), (0, r, -k, 0), (-r, 0, 0, -k), (0, -r, k, 0)):
        point = rp.ShapeControlPoint(20 + cx, 20 + cy)
        point.leftTangent.setPosition(rp.CVec3(-tx, -ty, 0))
        point.rightTangent.setPosition(rp.CVec3(tx, ty, 0))
        shape.append(point)
    roto["curves"].rootLayer.append(shape)

    assert close(sum(alpha(roto)), 3.14159 * r * r, within=2.0)


def test_what_sticks_out_of_the_picture_is_cut_off(script: seat.Seat) -> None:
    seat.new_script("/a.nk", size=(4, 4))
    for x, y, left in ((-2, -2, 4), (2, 2, 4), (-9, -9, 0), (-1, 1, 6)):
        roto = nuke.nodes.Roto()
        square(roto, x, y, 4)
        # of 4 x 4 pixels: 2 x 2, 2 x 2, none, 3 x 3 but the top row of it is cut: 3 x 3
        assert close(sum(alpha(roto)), {6: 9}.get(left, left))


def test_a_shape_is_moved_by_its_own_transform_and_by_every_layer_above(
    script: seat.Seat,
) -> None:
    seat.new_script("/a.nk", size=(16, 8))
    roto = nuke.nodes.Roto()
    shape = square(roto, 0, 0, 2)
    root = roto["curves"].rootLayer
    root.remove(0)
    layer = rp.Layer(roto["curves"])
    root.append(layer)
    layer = root[0]  # the tree has a copy of what was appended
    layer.append(shape)
    shape.getTransform().addTranslationKey(1, 3, 0, 0)
    layer.getTransform().addTranslationKey(1, 4, 2, 0)
    layer.getTransform().addTranslationKey(5, 8, 2, 0)

    shown = _rendered.picture(roto, 5)

    # 3 of its own and 8 of its layer to the right, 2 up; its points say nothing of that
    assert [x for x in range(16) if shown.at("rgba.alpha", x, 2) == 1] == [11, 12]
    assert shape[0].center.getPosition(5) == rp.CVec3(0, 0, 1)


def test_opacity_visibility_and_blending_are_as_measured(script: seat.Seat) -> None:
    seat.new_script("/a.nk", size=(3, 1))
    roto = nuke.nodes.Roto()
    top = square(roto, 0, 0, 2, "A")
    square(roto, 1, 0, 2, "B")

    def blended(mode: float) -> list[float]:
        top.getAttributes().set(1, "bm", mode, "main")
        return alpha(roto)

    # A alone, both, B alone; A was appended first and is on top
    assert close(blended(0), [1, 1, 1])
    assert close(blended(13), [1, 0, 1])
    assert close(blended(12), [-1, 0, 1])
    assert close(blended(7), [1, 2, 1])
    top.getAttributes().set(1, "opc", 0.25, "main")
    assert close(blended(0), [0.25, 1, 1])
    top.setVisible(1, False)
    assert close(alpha(roto), [0, 1, 1])


def test_a_write_makes_a_file_and_leaves_the_frame_alone(script: seat.Seat, tmp_path: Path) -> None:
    color = nuke.nodes.Constant(channels="rgba", color=[0.5, 0.25, 0, 1])
    write = nuke.nodes.Write(inputs=[color], channels="rgba", file_type="exr")
    write["file"].setValue(f"{tmp_path.as_posix()}/a.####.exr")

    nuke.execute(write, 1001, 1002)

    found = plain_exr.read(tmp_path / "a.1002.exr")
    assert (found.width, found.height) == (64, 36)
    assert close([found.planes[name][0] for name in "RGBA"], [0.5, 0.25, 0, 1])
    assert nuke.frame() == 1001
    read = nuke.nodes.Read(file=f"{tmp_path.as_posix()}/a.%04d.exr", first=1001, last=1002)
    assert close(_rendered.picture(read, 1001).plane("rgba.green")[:2], [0.25, 0.25])
    with refused("No such file", RuntimeError):
        _rendered.picture(nuke.nodes.Read(file=str(tmp_path / "b.exr"), last=9999), 1001)


def test_a_render_can_fail_and_be_cancelled_on_demand(script: seat.Seat, tmp_path: Path) -> None:
    write = nuke.nodes.Write(inputs=[nuke.nodes.Constant()], file_type="exr")
    write["file"].setValue(f"{tmp_path.as_posix()}/a.####.exr")

    seat.cancel_renders_at(1002)
    with refused("Cancelled", RuntimeError):
        nuke.execute(write, 1001, 1003)
    assert [path.name for path in sorted(tmp_path.glob("*.exr"))] == ["a.1001.exr"]
    assert not nuke.executing()

    seat.fill_the_disk()
    with refused("No space left on device"):
        nuke.execute(write, 1003, 1003)
    assert nuke.nodes.Dot() is not None
    seat.mend()
    nuke.execute(write, 1003, 1003)


def test_a_group_shows_its_output_and_its_inputs_see_outside(script: seat.Seat) -> None:
    white = nuke.nodes.Constant(channels="rgba", color=[1, 1, 1, 1])
    group = nuke.nodes.Group()
    with group:
        door = nuke.nodes.Input(name="plate")
        half = nuke.nodes.Multiply(inputs=[door], channels="rgb")
        half["value"].setValue(0.5)
        nuke.nodes.Output(inputs=[half])
    group.setInput(0, white)

    shown = _rendered.picture(group, 1001)

    assert (shown.plane("rgba.red")[0], shown.plane("rgba.alpha")[0]) == (0.5, 1)
    assert (group.format().width(), group.channels()) == (
        64,
        ["rgba.red", "rgba.green", "rgba.blue", "rgba.alpha"],
    )
