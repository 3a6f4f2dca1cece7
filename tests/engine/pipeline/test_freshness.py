# SPDX-License-Identifier: Apache-2.0
"""What is there and fresh is left alone; what is not is made, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from delivering import deliver
from shots import Copying, cut_short, pictures, soft_disc, write_grey
from stmatte import FrameRange, Key, Settings, Shot, StmatteError
from stmatte.images import read_mattes
from stmatte.output import Output
from stmatte.pipeline import Delivery, Progress
from stmatte.pipeline.behind import WAITING
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.deliver import deliver_planned
from stmatte.pipeline.matte_files import MatteFiles
from stmatte.pipeline.planned import plan_shot
from stmatte.propagation.sights import Sights
from stmatte.shot import Lock, MatteFile
from stmatte.store import RamStore

FRAMES = range(1, 10)
PLATE = pictures(FRAMES)
CPU = Settings(device="cpu")


def shot(*keyed: int, **more: Any) -> Shot:
    keys = tuple(Key(frame, {"hero": soft_disc(30 + 2 * frame)}) for frame in keyed)
    return Shot(PLATE, keys, None, CPU, **more)


def written(folder: Path, given: Shot, **how: Any) -> tuple[Delivery, Copying]:
    network = Copying()
    out = str(folder / "matte.####.exr")
    return deliver(given, out, network=network, **how), network


def stamps(folder: Path) -> dict[int, tuple[int, int]]:
    """Return what changes if a file is written again, even with the same bytes."""
    found = {}
    for path in folder.glob("matte.*.exr"):
        status = path.stat()
        found[int(path.name.split(".")[1])] = (status.st_ino, status.st_mtime_ns)
    return found


def touched(folder: Path, before: dict[int, tuple[int, int]]) -> list[int]:
    return sorted(frame for frame, stamp in stamps(folder).items() if before.get(frame) != stamp)


def test_what_is_fresh_is_neither_computed_nor_written_again(tmp_path: Path) -> None:
    written(tmp_path, shot(1, 5, 9))
    before = stamps(tmp_path)

    delivery, network = written(tmp_path, shot(1, 5, 9))  # without the store of the first run

    assert touched(tmp_path, before) == []
    assert network.read == []
    assert delivery.fresh == tuple(FRAMES)
    assert sorted(delivery.mattes) == list(FRAMES)


def test_a_correction_touches_the_files_within_its_reach_only(tmp_path: Path) -> None:
    store = RamStore()
    written(tmp_path, shot(1, 5, 9), store=store)
    before = stamps(tmp_path)

    delivery, network = written(tmp_path, shot(1, 5, 7, 9), store=store)

    assert touched(tmp_path, before) == [6, 7, 8]
    assert delivery.fresh == (1, 2, 3, 4, 5, 9)
    assert len(network.read) == 4  # 6 and 8, from either side


def test_files_after_an_edit_are_those_of_a_delivery_from_scratch(tmp_path: Path) -> None:
    for keyed in ((1, 5, 9), (1, 4, 9), (1, 4)):
        written(tmp_path / "edited", shot(*keyed))
    written(tmp_path / "scratch", shot(1, 4))

    for path in (tmp_path / "scratch").iterdir():
        assert (tmp_path / "edited" / path.name).read_bytes() == path.read_bytes()


def test_a_file_that_was_cut_short_is_written_again(tmp_path: Path) -> None:
    written(tmp_path, shot(1, 5))
    whole = (tmp_path / "matte.0003.exr").read_bytes()
    cut_short(tmp_path / "matte.0003.exr")
    before = stamps(tmp_path)

    written(tmp_path, shot(1, 5))

    assert touched(tmp_path, before) == [3]
    assert (tmp_path / "matte.0003.exr").read_bytes() == whole


def test_a_file_of_somebody_else_is_no_fresh_file(tmp_path: Path) -> None:
    written(tmp_path, shot(1, 5))
    (tmp_path / "matte.0003.exr").write_bytes(b"not a picture")

    delivery, _ = written(tmp_path, shot(1, 5), overwrite=True)

    assert 3 not in delivery.fresh
    assert "hero.A" in read_mattes(tmp_path / "matte.0003.exr")


def test_other_channels_are_other_files(tmp_path: Path) -> None:
    store = RamStore()
    written(tmp_path, shot(1, 5), store=store)

    delivery, network = written(tmp_path, shot(1, 5), store=store, uncertainty=True)

    assert delivery.fresh == ()
    assert network.read == []  # the store has it all
    assert sorted(read_mattes(tmp_path / "matte.0003.exr")) == ["hero.A", "uncertainty.A"]


def test_progress_tells_what_was_there_already(tmp_path: Path) -> None:
    store = RamStore()
    written(tmp_path, shot(1, 5, 9), store=store)
    told: list[Progress] = []

    written(tmp_path, shot(1, 5, 7, 9), store=store, tell=told.append)

    assert [p.frame for p in told if p.fresh] == [1, 2, 3, 4, 5, 9]
    assert sorted(p.frame for p in told if not p.fresh) == [6, 7, 8]
    assert [p.done for p in told] == list(range(1, 10))
    assert len({p.digest for p in told}) == 9
    assert all(0 <= p.scores["hero"] <= 1 for p in told)


def test_previews_are_made_for_what_is_there_already(tmp_path: Path) -> None:
    written(tmp_path, shot(1, 5))

    delivery, _ = written(tmp_path, shot(1, 5), preview=tmp_path / "look")

    assert len(list((tmp_path / "look").glob("overlay.*.png"))) == len(FRAMES)
    assert delivery.sheet is not None


def test_a_cancelled_delivery_keeps_whole_files_and_goes_on_later(tmp_path: Path) -> None:
    given, store = shot(1, 5, 9), RamStore()
    files = MatteFiles(Output(str(tmp_path / "matte.####.exr")))
    asked: Iterator[bool] = iter([*[False] * 6, *[True] * 99])

    def delivered(network: Copying, **how: Any) -> Delivery:
        planned = plan_shot(check_shot(given), network, store)
        sights = Sights(network)
        return deliver_planned(
            planned, files, network, store, sights, tell=lambda _: None, skipped={}, **how
        )

    first, second = Copying(), Copying()
    stopped = delivered(first, stop=lambda: next(asked))
    whole = delivered(second)

    assert stopped.cancelled
    assert not whole.cancelled
    assert 0 < len(stopped.mattes) < 9
    assert sorted(whole.mattes) == list(FRAMES)
    # two passes over 2-4 and over 6-8, no frame twice
    assert len(first.read) + len(second.read) == 12


def test_the_span_under_the_playhead_comes_first(tmp_path: Path) -> None:
    network, store = Copying(), RamStore()
    planned = plan_shot(check_shot(shot(1, 5, 9)), network, store)
    told: list[Progress] = []

    deliver_planned(
        planned,
        MatteFiles(Output(str(tmp_path / "matte.####.exr"))),
        network,
        store,
        Sights(network),
        tell=told.append,
        skipped={},
        first=7,
    )

    assert [p.frame for p in told] == [1, 5, 9, 8, 7, 6, 4, 3, 2]


def test_objects_come_by_each_frame_together(tmp_path: Path) -> None:
    given = Shot(PLATE, (Key(1, {"hero": soft_disc(32), "car": soft_disc(70)}),), None, CPU)
    network, read = Copying(), []

    def tell(progress: Progress) -> None:
        read.append((progress.frame, len(network.read)))

    out = str(tmp_path / "matte.####.exr")
    deliver(given, out, network=network, tell=tell)

    assert [frame for frame, _ in read] == list(range(1, 10))
    # frame 2 is found after two steps of the network, frame 3 after four; it is written while
    # the network goes on, but by no more than a few frames
    for frame, steps in read:
        assert 2 * (frame - 1) <= steps <= 2 * (frame - 1 + WAITING + 1)


def test_only_frames_that_are_asked_for_are_made(tmp_path: Path) -> None:
    network, store = Copying(), RamStore()
    planned = plan_shot(check_shot(shot(1)), network, store)

    delivery = deliver_planned(
        planned,
        MatteFiles(Output(str(tmp_path / "matte.####.exr"))),
        network,
        store,
        Sights(network),
        tell=lambda _: None,
        skipped={},
        frames={3, 4},
    )

    assert sorted(delivery.mattes) == [3, 4]
    assert len(network.read) == 3  # 2 has to be walked over, 5 to 9 don't


def test_the_files_of_a_lock_and_of_keys_are_never_written_over(tmp_path: Path) -> None:
    key = write_grey(tmp_path / "matte.0004.exr.png", soft_disc(38))
    key.rename(tmp_path / "matte.0004.exr")
    file = MatteFile(str(tmp_path / "matte.####.exr"))

    with pytest.raises(StmatteError, match="is a picture of the plate or a key"):
        written(tmp_path, shot(1, locks=(Lock("hero", FrameRange(4, 4), file),)))


def test_an_object_named_like_the_layer_of_doubt_is_refused(tmp_path: Path) -> None:
    given = Shot(PLATE, (Key(1, {"uncertainty": soft_disc(32)}),), None, CPU)

    with pytest.raises(StmatteError, match='Object "uncertainty" bears the name of the layer'):
        written(tmp_path, given, uncertainty=True)
    assert written(tmp_path, given)[0].mattes
