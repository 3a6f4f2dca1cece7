# SPDX-License-Identifier: Apache-2.0
"""Keys as pictures: what a Write of a moment leaves on the disk, and that nothing else is left."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import circles
import nuke
import paths
import plain_exr
import seat
from checks import refused
from drawn import box, layer, roto

from stmatte_host import EngineError
from stmatte_nuke import rendering
from stmatte_nuke.sources import parse
from stmatte_nuke.write_words import RenderCancelledError

BOX = (10.0, 6.0, 20.0, 16.0)
"""In a picture of 64 by 36: columns 10 to 19, rows 20 to 29 from the top."""


@dataclass(frozen=True)
class Canvas:
    size: tuple[int, int] = (64, 36)
    pixel_aspect: float = 1.0
    view: str = "main"


def below(kind: str, *inputs: Any, **knobs: object) -> Any:
    node = getattr(nuke.nodes, kind)(**knobs)
    for number, each in enumerate(inputs):
        node.setInput(number, each)
    return node


def node_on(*inputs: Any) -> nuke.Node:
    group: nuke.Node = nuke.nodes.STMatte()
    for number, each in enumerate(inputs):
        group.setInput(number, each)
    return group


def hero(name: str = "hero", where: tuple[float, float, float, float] = BOX) -> Any:
    node = roto()
    box(node, name, {1001: where, 1010: where})
    return node


def rendered(
    group: nuke.Node, folder: Path, source: str = "", canvas: Canvas | None = None
) -> plain_exr.Exr:
    """Render a key of frame 1001 and read it back."""
    path = folder / "keys" / "hero.1001.exr"
    rendering.render_key(group, parse(source), 1001, canvas or Canvas(), path)
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    return plain_exr.read(path)


def filled(picture: plain_exr.Exr) -> tuple[int, int, int, int]:
    """Return the columns and rows, from the top, between which the one channel is not 0."""
    (plane,) = picture.planes.values()
    there = [divmod(at, picture.width) for at, value in enumerate(plane) if value]
    rows, columns = [row for row, _ in there], [column for _, column in there]
    return min(columns), min(rows), max(columns) + 1, max(rows) + 1


def test_a_key_is_one_channel_at_the_plates_format(script: seat.Seat, tmp_path: Path) -> None:
    picture = rendered(node_on(None, hero()), tmp_path)

    assert (picture.width, picture.height) == (64, 36)
    assert list(picture.planes) == ["A"]
    assert filled(picture) == (10, 20, 20, 30)
    assert sum(picture.planes["A"]) == 100  # 10 by 10 pixels, whole ones


def test_it_is_what_is_shown_on_its_frame_not_on_the_current_one(
    script: seat.Seat, tmp_path: Path
) -> None:
    node = roto()
    box(node, "hero", {1001: BOX, 1010: (30.0, 6.0, 40.0, 16.0)})
    nuke.frame(1010)

    assert filled(rendered(node_on(None, node), tmp_path)) == (10, 20, 20, 30)
    assert nuke.frame() == 1010


def test_a_roto_of_another_format_lies_where_a_merge_would_lay_it(
    script: seat.Seat, tmp_path: Path
) -> None:
    node = hero()
    node.setInput(0, nuke.nodes.Constant(format="2K_16:9"))  # 2048 by 1152

    picture = rendered(node_on(None, node), tmp_path)

    assert (picture.width, picture.height) == (64, 36)
    assert filled(picture) == (10, 20, 20, 30)  # the lower left corners meet


def test_what_is_smaller_than_the_plate_is_black_beyond(script: seat.Seat, tmp_path: Path) -> None:
    picture = rendered(node_on(None, hero()), tmp_path, canvas=Canvas((100, 50)))

    assert (picture.width, picture.height) == (100, 50)
    assert filled(picture) == (10, 34, 20, 44)


def test_the_pixel_aspect_is_the_plates_and_nothing_is_squeezed(tmp_path: Path) -> None:
    seat.new_script(tmp_path / "a_v001.nk", first=1001, pixel_aspect=2, plugin_path=[paths.GIZMO])

    picture = rendered(node_on(None, hero()), tmp_path, canvas=Canvas(pixel_aspect=2.0))

    assert picture.pixel_aspect == 2
    assert filled(picture) == (10, 20, 20, 30)


def test_a_proxy_is_never_rendered(script: seat.Seat, tmp_path: Path) -> None:
    root: Any = nuke.root()
    root["proxy"].setValue(True)

    assert filled(rendered(node_on(None, hero()), tmp_path)) == (10, 20, 20, 30)
    assert root["proxy"].value()


def test_a_channel_of_another_layer_is_rendered_as_the_only_one(
    script: seat.Seat, tmp_path: Path
) -> None:
    nuke.Layer("hero", ["hero.alpha"])
    copied = below("Copy", nuke.nodes.Constant(), hero(), from0="rgba.alpha", to0="hero.alpha")

    picture = rendered(node_on(None, copied), tmp_path, "channel hero.alpha")

    assert list(picture.planes) == ["A"]
    assert filled(picture) == (10, 20, 20, 30)


def test_a_channel_that_is_not_there_is_refused_with_those_that_are(
    script: seat.Seat, tmp_path: Path
) -> None:
    group = node_on(None, hero())

    with refused('The input "roto" of "STMatte1" has no channel "hero.alpha": it has '):
        rendered(group, tmp_path, "channel hero.alpha")
    with refused('Nothing is connected to the input "matte1" of "STMatte1"'):
        rendered(group, tmp_path, "matte1")


def test_one_shape_is_rendered_alone_and_moved_by_its_layers(
    script: seat.Seat, tmp_path: Path
) -> None:
    node = roto()
    upper = layer(node, "body")
    box(node, "arm", {1001: BOX}, upper)
    box(node, "leg", {1001: (0.0, 0.0, 4.0, 4.0)}, upper)
    box(node, "car", {1001: (40.0, 0.0, 50.0, 4.0)})
    upper.getTransform().addTranslationKey(1001, 5, 2, 0)
    group = node_on(None, node)

    assert filled(rendered(group, tmp_path, "shape body/arm")) == (15, 18, 25, 28)
    assert filled(rendered(group, tmp_path, "shape car")) == (40, 32, 50, 36)
    assert filled(rendered(group, tmp_path, "shape body")) == (5, 18, 25, 34)
    assert [each.name for each in node["curves"].rootLayer] == ["body", "car"]
    assert [each.name for each in upper] == ["arm", "leg"]


def test_a_lone_shape_does_not_show_what_the_roto_draws_over(
    script: seat.Seat, tmp_path: Path
) -> None:
    node = hero()
    node.setInput(0, nuke.nodes.Constant(color=1.0))

    assert filled(rendered(node_on(None, node), tmp_path, "shape hero")) == (10, 20, 20, 30)


def test_a_lone_shape_is_seen_whatever_its_roto_draws_into(
    script: seat.Seat, tmp_path: Path
) -> None:
    nuke.Layer("hero", ["hero.alpha"])
    node = hero()
    node["output"].setValue("hero")

    assert filled(rendered(node_on(None, node), tmp_path, "shape hero")) == (10, 20, 20, 30)


def test_a_lone_shape_reaches_as_far_as_the_plate(script: seat.Seat, tmp_path: Path) -> None:
    nuke.addFormat("100 50 0 0 100 50 1 wide")  # the script's own is 64 by 36
    node = hero(where=(80.0, 40.0, 90.0, 45.0))
    group = node_on(nuke.nodes.Constant(format="wide"), node)

    picture = rendered(group, tmp_path, "shape hero", Canvas((100, 50)))

    assert filled(picture) == (80, 5, 90, 10)


def test_within_a_group_it_is_rendered_within_that_group(script: seat.Seat, tmp_path: Path) -> None:
    group = nuke.nodes.Group()
    with group:
        inner = node_on(None, nuke.nodes.Input())
    group.setInput(0, hero())
    before = [node.name() for node in group.nodes()]

    assert filled(rendered(inner, tmp_path)) == (10, 20, 20, 30)
    assert [node.name() for node in group.nodes()] == before


def test_of_several_views_the_one_that_is_meant_is_rendered(tmp_path: Path) -> None:
    seat.new_script(
        tmp_path / "a_v001.nk", first=1001, views=("left", "right"), plugin_path=[paths.GIZMO]
    )
    for view, level in (("left", 0.25), ("right", 0.75)):
        (tmp_path / view).mkdir()
        planes = {name: [level] * (64 * 36) for name in "RGBA"}
        plain_exr.write(tmp_path / view / "m.1001.exr", plain_exr.Exr(64, 36, planes))
    read = circles.read(f"{tmp_path.as_posix()}/%V/m.####.exr", 1001, 1001)

    asked: list[list[str]] = []
    execute = nuke.execute
    nuke.execute = lambda *args: (asked.append(args[4]), execute(*args))  # type: ignore[assignment]
    try:
        picture = rendered(node_on(None, read), tmp_path, canvas=Canvas(view="right"))
    finally:
        nuke.execute = execute

    assert asked == [["left"]]  # the first, whose channels have no view's name before them
    assert set(picture.planes["A"]) == {0.75}


def test_a_folder_with_brackets_is_a_folder(script: seat.Seat, tmp_path: Path) -> None:
    assert filled(rendered(node_on(None, hero()), tmp_path / "[old] d$")) == (10, 20, 20, 30)


def test_a_folder_that_nuke_would_number_is_refused(script: seat.Seat, tmp_path: Path) -> None:
    for name, part in (("take#1", "#"), ("a%04d", "%04d"), ("$HOME", "$HOME")):
        with refused(f'it takes "{part}" for the place of a number or a name', EngineError):
            rendered(node_on(None, hero()), tmp_path / name)


def faulty(error: BaseException) -> None:
    def render(_name: str, _frame: int, _file: str) -> None:
        raise error

    seat.now().faults.render = render


def test_what_goes_wrong_leaves_no_file_and_no_node(script: seat.Seat, tmp_path: Path) -> None:
    group = node_on(None, hero())
    nuke.root().setModified(False)
    before = sorted(node.fullName() for node in nuke.allNodes(recurseGroups=True))
    path = tmp_path / "keys" / "hero.1001.exr"
    for error, kind, words in (
        (RuntimeError("Cancelled"), RenderCancelledError, "was not rendered: it was cancelled"),
        (RuntimeError("Read1: Missing input"), EngineError, "Nuke says: Read1: Missing input"),
        (OSError(errno.ENOSPC, "No space left on device"), EngineError, "the disk is full"),
        (RuntimeError("Write1: No space left on device"), EngineError, "the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied"), EngineError, "may not be written to"),
    ):
        faulty(error)
        with refused(words, kind) as caught:
            rendering.render_key(group, parse(""), 1001, Canvas(), path)
        assert 'The key of "roto" on frame 1001' in str(caught[0])
        assert list(path.parent.iterdir()) == []
        assert sorted(node.fullName() for node in nuke.allNodes(recurseGroups=True)) == before
        assert not nuke.root().modified()
        assert not nuke.Undo.disabled()


def test_a_file_that_the_disk_cut_off_never_gets_the_keys_name(
    script: seat.Seat, tmp_path: Path
) -> None:
    whole = rendering.is_whole
    rendering.is_whole = lambda _path: False
    try:
        with refused('The key of "roto" on frame 1001 was cut off', EngineError):
            rendered(node_on(None, hero()), tmp_path)
    finally:
        rendering.is_whole = whole

    assert list((tmp_path / "keys").iterdir()) == []


def test_the_same_key_is_the_same_bytes(script: seat.Seat, tmp_path: Path) -> None:
    group = node_on(None, hero())
    for name in ("a", "b"):
        rendering.render_key(group, parse(""), 1001, Canvas(), tmp_path / f"{name}.exr")

    assert (tmp_path / "a.exr").read_bytes() == (tmp_path / "b.exr").read_bytes()


def test_the_artists_own_writes_and_selection_stay(script: seat.Seat, tmp_path: Path) -> None:
    node = hero()
    own = below("Write", node, file="/renders/mine.####.exr")
    own.setSelected(True)
    group = node_on(None, node)

    rendered(group, tmp_path)

    assert [each.name() for each in nuke.selectedNodes()] == [own.name()]
    assert [each.name() for each in nuke.allNodes("Write")] == [own.name()]
