# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from cutting import clip, external, sequence, span
from shots import SIZE, Copying, cut_short, picture, soft_disc, write_grey
from stmatte.images import read_mattes
from stmatte.timelines.batch import propagate_all
from stmatte.timelines.shots import shots_of


def files(show: Any) -> list[str]:
    folder = show.folder / "mattes"
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.exr"))


def test_every_shot_gets_a_matte_for_every_frame(show: Any) -> None:
    outcomes = show.propagated(show.cut(), show.order())

    assert [(o.shot.name, o.problem) for o in outcomes] == [("a", None), ("b", None)]
    assert files(show) == [
        *(f"a/a.{frame}.exr" for frame in range(1003, 1009)),
        *(f"b/b.{frame}.exr" for frame in range(1005, 1010)),
    ]
    assert sorted(outcomes[0].scores) == list(range(1003, 1009))
    key = read_mattes(show.folder / "mattes/a/a.1006.exr")["hero.A"]
    assert np.allclose(key, soft_disc(30 + 2 * 6), atol=1 / 255)


def test_one_shot_s_failure_leaves_the_others(show: Any) -> None:
    cut_short(show.folder / "plate" / "plate.1003.png")  # shot a alone shows it

    first, second = show.propagated(show.cut(), show.order())

    assert "Plate frame 1003 cannot be read" in str(first.problem)
    assert first.delivery is None
    assert second.problem is None
    assert "b/b.1009.exr" in files(show)


def test_a_defect_of_one_shot_leaves_the_others(show: Any, caplog: Any) -> None:
    class Breaking(Copying):
        def encode_memory(self, *words: Any) -> Any:
            if not self.read:
                self.read.append(0)
                raise RuntimeError("boom")
            return super().encode_memory(*words)

    first, second = show.propagated(show.cut(), show.order(), network=Breaking())

    assert "defect of STMatte (RuntimeError: boom)" in str(first.problem)
    assert second.problem is None
    assert "boom" in caplog.text


def test_a_second_run_finds_everything_fresh(show: Any) -> None:
    cut, order = show.cut(), show.order()
    show.propagated(cut, order)
    network = Copying()

    outcomes = show.propagated(cut, order, network=network)

    assert network.read == []
    assert all(len(o.delivery.fresh) == len(o.delivery.mattes) for o in outcomes)
    # scores come from the files, so that the markers are there again
    assert sorted(outcomes[0].scores) == list(range(1003, 1009))


def test_a_shot_that_is_known_to_be_wrong_is_not_begun(show: Any) -> None:
    lost = clip("a", external("plate/late.####.png"), span(0, 2))

    (outcome,) = show.propagated(show.cut([lost]), show.order())

    assert outcome.made is None
    assert files(show) == []


def test_a_key_s_picture_may_say_its_objects(show: Any) -> None:
    labels = np.zeros((64, 96), np.uint8)
    labels[20:44, 10:30] = 1
    labels[20:44, 60:80] = 2
    (show.folder / "keys" / "a" / "hero.1006.png").unlink()
    write_grey(show.folder / "keys" / "a.1006.png", labels)

    order = show.order(objects=("hero", "car"), only=("a",))
    (outcome,) = show.propagated(show.cut(), order)

    assert outcome.problem is None
    assert sorted(read_mattes(show.folder / "mattes/a/a.1003.exr")) == ["car.A", "hero.A"]


def test_frames_on_twos_are_made_and_those_between_are_not_missed(show: Any) -> None:
    for frame in range(1002, 1021, 2):
        (show.folder / "plate" / f"plate.{frame}.png").unlink()
    show.key("c", 1005)
    twos = clip("c", sequence(1001, span(0, 20), frame_step=2), span(2, 6))

    (outcome,) = show.propagated(show.cut([twos]), show.order())

    assert outcome.problem is None
    assert outcome.delivery.skipped == {}
    assert files(show) == [f"c/c.{frame}.exr" for frame in (1003, 1005, 1007)]


def test_a_missing_frame_is_passed_over_where_the_sequence_allows_it(show: Any) -> None:
    (show.folder / "plate" / "plate.1007.png").unlink()
    policy = type(sequence(1, None)).MissingFramePolicy.hold
    held = clip("b", sequence(1001, span(0, 20), missing_frame_policy=policy), span(4, 5))

    (outcome,) = show.propagated(show.cut([held]), show.order())

    assert outcome.problem is None
    assert list(outcome.delivery.skipped) == [1007]


def test_stopping_is_not_a_failure_of_a_shot(show: Any) -> None:
    order = show.order()
    shots = shots_of(show.cut(), order)

    def stop(progress: object) -> None:
        del progress
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(propagate_all(shots, order, tell=stop, network=Copying()))
    assert Path(show.folder / "mattes" / "a").is_dir()


def test_a_video_is_a_plate_whose_first_frame_is_1(show: Any) -> None:
    path = show.folder / "b.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 24, (SIZE[1], SIZE[0]))
    for frame in range(1001, 1011):
        writer.write(picture(frame)[:, :, ::-1])
    writer.release()
    show.key("b", 5)
    (show.folder / "keys" / "b" / "hero.1006.png").unlink()
    shown = clip("b", external("b.avi", span(86400, 10)), span(86402, 4))

    (outcome,) = show.propagated(show.cut([shown]), show.order())

    assert outcome.problem is None
    assert files(show) == [f"b/b.000{frame}.exr" for frame in (3, 4, 5, 6)]
