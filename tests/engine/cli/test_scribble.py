# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from shots import SIZE, soft_disc, write_grey
from stmatte.document import read_shot
from stmatte.images import read_mattes
from stmatte.networks.stm_interactive import InteractiveSTM
from stmatte.scribbles import Stroke, no_scribbles, to_davis, with_strokes

DISC = 36  # column of the disc's middle on frame 1003; its radius is 12, its row 32


def across(left: int, right: int, row: int = 32) -> list[list[float]]:
    """Points of a level line between two columns."""
    return [[x / (SIZE[1] - 1), row / (SIZE[0] - 1)] for x in (left, right)]


def said(*strokes: tuple[str | None, int | None, list[list[float]]]) -> dict[str, Any]:
    entries = []
    for name, frame, points in strokes:
        entry: dict[str, Any] = {"object": name, "points": points}
        entries.append(entry if frame is None else {**entry, "frame": frame})
    return {"strokes": entries}


@pytest.fixture
def shot(place: Any) -> Path:
    """A shot whose first frame is keyed by half of the disc."""
    key = soft_disc(32)
    key[:, 32:] = 0
    write_grey(place.folder / "keys" / "1001.png", key)
    return _written(
        place.folder, [{"frame": 1001, "object": "hero", "matte": {"path": "keys/1001.png"}}]
    )


def _written(folder: Path, keys: list[Any], **more: Any) -> Path:
    document = {
        "format": "stmatte.shot/1",
        "plate": "plate/plate.####.png",
        "keys": keys,
        "settings": {"model": "stmatte-s", "device": "cpu"},
        **more,
    }
    path = folder / "shot.json"
    path.write_text(json.dumps(document))
    return path


def scribble(
    run: Any, shot: Path, strokes: dict[str, Any], *more: object, out: str | None = None
) -> Any:
    path = shot.parent / "strokes.json"
    path.write_text(json.dumps(strokes))
    there = [] if out is None else ["--out", out, "--progress", "log"]
    return run("scribble", shot, "--strokes", path, *there, *more)


def matte_of(place: Any, frame: int) -> Any:
    return read_mattes(Path(place.out.replace("####", str(frame))))["hero.A"]


def jaccard(ours: Any, frame: int) -> float:
    inside, true = ours >= 0.5, soft_disc(30 + 2 * (frame % 20)) >= 0.5
    return float((inside & true).sum() / (inside | true).sum())


def test_a_stroke_becomes_a_key_beside_the_document_and_in_it(
    run: Any, place: Any, shot: Path
) -> None:
    ran = scribble(run, shot, said(("hero", 1003, across(30, 44))))

    assert ran.code == 0, ran.err
    key = shot.parent / "shot_strokes" / "hero.1003.exr"
    assert ran.out == f"A key was made: {key}\n"
    assert json.loads(shot.read_text())["keys"] == [
        {"frame": 1001, "object": "hero", "matte": {"path": "keys/1001.png"}},
        {"frame": 1003, "object": "hero", "matte": {"path": "shot_strokes/hero.1003.exr"}},
    ]
    (matte,) = read_mattes(key).values()
    assert jaccard(matte, 1003) > 0.8
    assert ((matte > 0) & (matte < 1)).any()  # it is soft
    assert not Path(place.out).parent.exists()


def test_the_shot_is_propagated_with_the_new_key(run: Any, place: Any, shot: Path) -> None:
    # by a network that never learns: one that does may take half of a flat disc for all of it
    document = json.loads(shot.read_text())
    document["settings"]["model"] = "label-propagation"
    shot.write_text(json.dumps(document))
    assert run("propagate", shot, "--out", place.out).code == 0
    wrong = 1 - jaccard(matte_of(place, 1004), 1004)

    ran = scribble(run, shot, said(("hero", 1003, across(30, 44))), out=place.out)

    assert ran.code == 0, ran.err
    (key,) = read_mattes(shot.parent / "shot_strokes" / "hero.1003.exr").values()
    np.testing.assert_array_equal(matte_of(place, 1003), key)
    assert 1 - jaccard(matte_of(place, 1004), 1004) < wrong / 2
    # a document is all that there is: to propagate it finds everything fresh
    stamps = {path: path.stat().st_mtime_ns for path in Path(place.out).parent.iterdir()}
    assert run("propagate", shot, "--out", place.out).code == 0
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps


def test_what_no_stroke_speaks_of_stays_to_the_bit(run: Any, place: Any, shot: Path) -> None:
    run("propagate", shot, "--out", place.out, "--depth", "float")
    before = matte_of(place, 1003)

    assert scribble(run, shot, said((None, 1003, across(80, 88, row=8)))).code == 0
    strokes = said(("hero", 1003, across(80, 88, row=8)))
    assert scribble(run, shot, strokes, "--depth", "float", out=place.out).code == 0

    near = np.zeros(SIZE, np.bool_)
    near[:30, 55:] = True  # the stroke is new to the object's matte there, yet not to the object
    after = matte_of(place, 1003)
    assert (after[~near] == before[~near].astype(np.float16)).all()
    assert after[8, 80] == 1


def test_undo_is_to_take_the_entry_away(run: Any, place: Any, shot: Path) -> None:
    earlier = shot.read_text()
    run("propagate", shot, "--out", place.out)
    before = matte_of(place, 1004)
    scribble(run, shot, said(("hero", 1003, across(30, 44))), out=place.out)

    shot.write_text(earlier)
    run("propagate", shot, "--out", place.out)

    assert (matte_of(place, 1004) == before).all()


def test_a_second_round_on_the_frame_leaves_the_first_key_s_file(run: Any, shot: Path) -> None:
    scribble(run, shot, said(("hero", 1003, across(30, 44))))
    ran = scribble(run, shot, said((None, 1003, across(30, 44, row=26))))

    assert ran.code == 0, ran.err
    assert sorted(path.name for path in (shot.parent / "shot_strokes").iterdir()) == [
        "hero.1003.exr",
        "hero.1003_2.exr",
    ]
    keys = {key.frame: key.mattes["hero"] for key in read_shot(shot).keys}
    assert keys[1003].path.endswith("hero.1003_2.exr")


def test_an_artist_s_own_key_is_never_replaced_unasked(run: Any, shot: Path) -> None:
    strokes = said(("hero", 1001, across(34, 42)))
    earlier = shot.read_text()

    refused = scribble(run, shot, strokes)
    assert refused.code == 2
    assert 'would change "hero" at frame 1001, which carries a key of its own' in refused.err
    assert "--over-keys" in refused.err
    assert shot.read_text() == earlier

    assert scribble(run, shot, strokes, "--over-keys").code == 0
    (key,) = json.loads(shot.read_text())["keys"]
    assert key["matte"] == {"path": "shot_strokes/hero.1001.exr"}
    assert (shot.parent / "keys" / "1001.png").is_file()


def test_strokes_can_begin_a_shot_that_has_no_key(run: Any, place: Any) -> None:
    shot = _written(place.folder, [], objects=[{"name": "hero"}])

    ran = scribble(run, shot, said(("hero", None, across(28, 44))), "--frame", 1003, out=place.out)

    assert ran.code == 0, ran.err
    assert jaccard(matte_of(place, 1003), 1003) > 0.7


def test_scribbles_of_the_challenge_are_taken(run: Any, shot: Path) -> None:
    line = Stroke(tuple((x, y) for x, y in across(30, 44)), 1)
    strokes = to_davis(with_strokes(no_scribbles("any", 5), 2, [line]))

    ran = scribble(run, shot, strokes)

    assert ran.code == 0, ran.err
    assert [key.frame for key in read_shot(shot).keys] == [1001, 1003]


def test_the_interactive_network_answers_for_every_frame(run: Any, place: Any, shot: Path) -> None:
    fresh = InteractiveSTM().state_dict()
    fresh["Decoder.pred2.bias"] = torch.tensor([-20.0, 20.0])  # it sees the object everywhere
    save_file(fresh, place.folder / "fresh.safetensors")
    document = json.loads(shot.read_text())
    document["settings"]["model"] = "stm-interactive:./fresh.safetensors"
    document["settings"]["working_height"] = 64
    shot.write_text(json.dumps(document))

    ran = scribble(run, shot, said(("hero", 1003, across(30, 44))), out=place.out)

    assert ran.code == 0, ran.err
    assert [key.frame for key in read_shot(shot).keys] == [1001, 1003]
    assert len(list(Path(place.out).parent.iterdir())) == 5


@pytest.mark.parametrize(
    ("strokes", "words"),
    [
        (said(("villain", 1003, across(1, 5))), 'A stroke is of "villain"'),
        (said(("hero", 1009, across(1, 5))), "A stroke lies on frame 1009"),
        (said(("hero", None, across(1, 5))), "A stroke is on frame None"),
        (said(("hero", 1003, [[0.5, 1.5]])), "A stroke leaves the picture at (0.5, 1.5)"),
        (said(("hero", 1003, [])), "A stroke has no point"),
        (said(), "has no stroke"),
        ({"lines": []}, "holds no strokes"),
        ({"strokes": [{"object": "hero"}]}, "A stroke cannot be read"),
        (to_davis(no_scribbles("any", 3)), "are of 3 frames"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_strokes_are_a_sentence_and_change_nothing(
    run: Any, shot: Path, strokes: dict[str, Any], words: str
) -> None:
    earlier = shot.read_text()

    ran = scribble(run, shot, strokes)

    assert ran.code == 2
    assert ran.err.startswith("stmatte: ")
    assert words in ran.err
    assert shot.read_text() == earlier
    assert not (shot.parent / "shot_strokes").exists()


@pytest.mark.parametrize("kind", ["absences", "locks"])
def test_what_is_absent_or_approved_is_not_for_strokes(run: Any, shot: Path, kind: str) -> None:
    document = json.loads(shot.read_text())
    write_grey(shot.parent / "keys" / "lock.1003.png", soft_disc(DISC))
    document[kind] = [
        {"object": "hero", "frames": "1003"}
        | ({"mattes": {"path": "keys/lock.####.png"}} if kind == "locks" else {})
    ]
    shot.write_text(json.dumps(document))

    ran = scribble(run, shot, said(("hero", 1003, across(30, 44))), "--over-keys")

    assert ran.code == 2
    assert 'Strokes would change "hero" at frame 1003' in ran.err


def test_a_shot_without_key_and_object_is_refused(run: Any, place: Any) -> None:
    shot = _written(place.folder, [])

    ran = scribble(run, shot, said(("hero", 1003, across(30, 44))))

    assert ran.code == 2
    assert "has neither a key nor an object" in ran.err
