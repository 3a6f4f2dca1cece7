# SPDX-License-Identifier: Apache-2.0
"""The page in a real browser: what it shows is what the files say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from shots import SIZE, picture
from stmatte.images import overlay, read_mattes
from stmatte.review import Reviewed, read_notes

HEIGHT, WIDTH = SIZE


def canvas(opened: Any, name: str = "picture") -> NDArray[np.float64]:
    """Return what a canvas shows, (h, w, 3)."""
    size, pixels = opened.page.evaluate(
        """name => { const c = document.getElementById(name);
            const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
            return [[c.height, c.width], Array.from(d)]; }""",
        name,
    )
    return np.array(pixels, np.float64).reshape(*size, 4)[:, :, :3]


def matte(made: Any, version: str, frame: int, name: str) -> NDArray[np.float32]:
    return np.asarray(read_mattes(made.file(version, frame))[f"{name}.A"], np.float32)


def steps(plane: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return a matte in the steps of 1/255 that pictures are made of."""
    return np.floor(plane.astype(np.float64) * 255 + 0.5) / 255


def light(screen: NDArray[Any]) -> NDArray[np.float64]:
    part = np.asarray(screen, np.float64) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def screen(light: NDArray[Any]) -> NDArray[np.float64]:
    bent = 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055
    return 255 * np.where(light <= 0.0031308, 12.92 * light, bent)


def over(
    plate: NDArray[Any], covered: NDArray[Any], ground: tuple[int, int, int]
) -> NDArray[np.float64]:
    """Return a plate through a matte over a colour, mixed in light."""
    share = covered[:, :, None]
    return screen(light(plate) * share + light(np.array(ground)) * (1 - share))


@pytest.fixture
def shot(opened: Any, reviewed: Reviewed) -> Any:
    opened.file = reviewed.pages["sh010"]
    return opened


def test_every_view_shows_what_the_files_say(shot: Any, made: Any) -> None:
    now, before = (steps(matte(made, version, 1005, "hero")) for version in ("v002", "v001"))

    def shown(view: str) -> NDArray[np.float64]:
        shot.page.evaluate("hash => { location.hash = hash; }", f"#1005,view={view},object=hero")
        shot.wait_for(f"1005 {view} hero")
        return canvas(shot)

    shot.go(shot.file)
    plate = shown("plate")
    close = {"rtol": 0, "atol": 1}

    blocks = [
        cv2.resize(each.astype(np.float32), (12, 8), interpolation=cv2.INTER_AREA)
        for each in (plate, picture(1005))
    ]  # WebP keeps little of noise
    np.testing.assert_allclose(blocks[0], blocks[1], rtol=0, atol=12)
    np.testing.assert_array_equal(shown("matte"), np.round(now * 255)[:, :, None].repeat(3, 2))
    np.testing.assert_allclose(shown("black"), over(plate, now, (0, 0, 0)), **close)
    np.testing.assert_allclose(shown("grey"), over(plate, now, (118, 118, 118)), **close)
    np.testing.assert_allclose(shown("colour"), over(plate, now, (31, 111, 58)), **close)
    np.testing.assert_allclose(shown("inverse"), over(plate, 1 - now, (118, 118, 118)), **close)
    drawn = overlay(plate / 255, {"hero": now.astype(np.float32)})
    np.testing.assert_allclose(shown("overlay"), drawn, **close)
    changed = np.clip(128 + 4 * 127.5 * (now - before), 0, 255)[:, :, None].repeat(3, 2)
    assert changed.max() > 200  # a later key moved the edge
    np.testing.assert_allclose(shown("difference"), changed, **close)
    assert shot.complaints == []


def test_several_objects_are_looked_at_together_or_alone(shot: Any, made: Any) -> None:
    both = [steps(matte(made, "v002", 1002, name)) for name in ("hero", "ball")]

    shot.go(shot.file, "#1002,view=matte")
    shot.wait_for("1002 matte")
    together = canvas(shot)[:, :, 0]
    shot.page.keyboard.press("o")
    shot.page.keyboard.press("o")
    shot.wait_for("1002 matte ball")

    np.testing.assert_allclose(together, 255 * np.minimum(1, sum(both)), atol=1)
    np.testing.assert_array_equal(canvas(shot)[:, :, 0], np.round(255 * both[1]))


def test_values_under_the_pointer_are_the_files_to_half_precision(shot: Any, made: Any) -> None:
    planes = [matte(made, "v002", 1002, name) for name in ("hero", "ball")]
    soft = np.argwhere((planes[0] > 0.01) & (planes[0] < 0.99))
    places = [tuple(soft[0]), tuple(soft[len(soft) // 2]), (HEIGHT // 2, 32), (HEIGHT // 2, 80)]
    shot.go(shot.file, "#1002,view=matte")
    shot.wait_for("1002 matte")
    box = shot.page.locator("#picture").bounding_box()

    for y, x in places:
        shot.page.mouse.move(
            box["x"] + (x + 0.5) * box["width"] / WIDTH,
            box["y"] + (y + 0.5) * box["height"] / HEIGHT,
        )
        shot.page.wait_for_selector(f'#values[data-pixel="1002:{x},{y}"]', state="attached")
        told = shot.page.locator("#values td:last-child").all_inner_texts()

        assert [float(text) for text in told] == pytest.approx(
            [float(np.float16(plane[y, x])) for plane in planes], rel=5e-5
        )


def test_marks_are_those_of_the_plan_in_six_forms(shot: Any) -> None:
    shot.go(shot.file)
    shot.page.wait_for_selector("#strip .mark", state="attached")

    marks = shot.page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll(".lane")].map(lane =>
            [lane.dataset.object, [...lane.querySelectorAll(".mark")].map(mark =>
                [mark.dataset.mark, mark.dataset.first, mark.dataset.last].join(" "))]))"""
    )
    forms = shot.page.evaluate(
        """() => [...document.querySelectorAll("#legend .mark")].map(mark => mark.innerHTML)"""
    )

    assert marks == {
        "hero": [
            *("keyed 1001 1001", "fresh 1002 1002", "locked 1003 1004", "fresh 1005 1006"),
            *("keyed 1007 1007", "fresh 1008 1008", "stale 1009 1009"),
        ],
        "ball": [
            *("keyed 1001 1001", "stale 1002 1002", "keyed 1003 1003", "stale 1004 1005"),
            *("absent 1006 1006", "fresh 1007 1008", "stale 1009 1009"),
        ],
    }
    assert shot.page.inner_text("#words-of-frame").split(", ")[0] == "hero: keyed"
    assert len(forms) == 6
    assert len(set(forms)) == 6


def test_a_frame_without_mattes_says_so(shot: Any) -> None:
    shot.go(shot.file, "#1009,view=overlay")
    shot.wait_for("1009 overlay")

    assert shot.page.inner_text("#absent") == "No matte yet: hero, ball."


def test_a_key_that_no_file_has_heard_of_yet_is_keyed_and_its_file_stale(shot: Any) -> None:
    shot.go(shot.file, "#1003")
    shot.wait_for("1003 overlay")

    hero, ball = shot.page.inner_text("#words-of-frame").split("    ")
    assert hero.startswith("hero: locked, uncertainty")
    assert ball.startswith("ball: keyed, its file is stale")


def test_an_edge_is_shown_at_twice_its_size_from_the_exact_matte(shot: Any, made: Any) -> None:
    shot.go(shot.file, "#1002,view=matte,object=ball")
    shot.wait_for("1002 matte ball")
    shot.page.wait_for_function(
        "() => document.getElementById('where').textContent.includes('ball')"
    )

    crop = canvas(shot, "crop")

    assert crop.shape[:2] == SIZE  # the plate is smaller than a crop would be
    expected = np.round(255 * matte(made, "v002", 1002, "ball").astype(np.float64))
    np.testing.assert_allclose(crop[:, :, 0], expected, atol=1)
    assert shot.page.locator("#crop").bounding_box()["width"] == 2 * WIDTH


def test_keys_work_as_in_a_flipbook(shot: Any) -> None:
    press = shot.page.keyboard.press
    shot.go(shot.file)
    shot.wait_for("1001 overlay")

    press("ArrowRight")
    shot.wait_for("1002 overlay")
    press("End")
    shot.wait_for("1009 overlay")
    press("7")
    shot.wait_for("1009 matte")
    press("Home")
    press("ArrowDown")  # ball is stale
    shot.wait_for("1002 matte")
    press("ArrowDown")  # hero is locked
    shot.wait_for("1003 matte")
    assert shot.page.evaluate("location.hash") == "#1003,view=matte"


def test_space_plays_every_frame_in_a_loop(shot: Any) -> None:
    shot.go(shot.file)
    shot.wait_for("1001 overlay")
    shot.page.evaluate(
        """() => { window.seen = []; new MutationObserver(() =>
            window.seen.push(document.body.dataset.shown)).observe(document.body,
            { attributes: true, attributeFilter: ["data-shown"] }); }"""
    )

    shot.page.keyboard.press("Space")
    shot.page.wait_for_function("() => window.seen.length > 12")
    shot.page.keyboard.press("Space")

    frames = [int(words.split()[0]) for words in shot.page.evaluate("window.seen")[:12]]
    assert frames == [*range(1002, 1010), *range(1001, 1005)]


def test_notes_are_typed_and_saved_and_remembered(shot: Any, tmp_path: Path) -> None:
    shot.go(shot.file, "#1003,object=hero")
    shot.wait_for("1003 overlay hero")

    def type_note(words: str) -> None:
        shot.page.keyboard.press("n")
        shot.page.keyboard.type(words)
        shot.page.keyboard.press("Enter")

    type_note("sleeve <b>chatters</b>")
    shot.page.keyboard.press("i")
    shot.page.keyboard.press("ArrowRight")
    shot.page.keyboard.press("u")
    type_note("too soft")
    with shot.page.expect_download() as download:
        shot.page.click("#save")
    saved = tmp_path / "notes.json"
    download.value.save_as(saved)
    shot.go(shot.file)
    shot.wait_for("1001 overlay")

    (notes,) = read_notes(saved)
    assert download.value.suggested_filename == "sh010.notes.json"
    assert (notes.shot, str(notes.frames)) == ("sh010", "1001-1009")
    assert [(str(n.frames), n.object, n.text) for n in notes.notes] == [
        ("1003", "hero", "sleeve <b>chatters</b>"),
        ("1003-1004", "hero", "too soft"),
    ]
    assert shot.page.locator("#notes span").all_inner_texts() == [n.text for n in notes.notes]


def test_a_page_asks_nobody_for_anything(shot: Any, reviewed: Reviewed) -> None:
    for path in (reviewed.index, *reviewed.pages.values()):
        shot.asked.clear()
        shot.go(path)
        shot.page.wait_for_load_state("networkidle")
        abroad = [url for url in shot.asked if not url.startswith(("data:", "blob:", "about:"))]

        assert abroad == [path.as_uri()]
    assert shot.complaints == []


def test_a_page_alone_in_a_ticket_shows_the_frame_that_was_linked(
    shot: Any, tmp_path: Path
) -> None:
    alone = tmp_path / "attachment.html"
    alone.write_bytes(shot.file.read_bytes())

    shot.go(alone, "#1004,view=grey,object=hero")

    shot.wait_for("1004 grey hero")
    assert shot.complaints == []


def test_an_address_typed_while_a_picture_comes_is_not_lost(shot: Any) -> None:
    shot.go(shot.file, "#1002,view=matte")
    shot.wait_for("1002 matte")

    shot.page.evaluate(
        """() => { location.hash = "#1004,view=grey";
            history.replaceState(null, "", "#1002,view=matte"); }"""
    )  # as a picture that comes at this moment does

    shot.wait_for("1004 grey")


def test_the_index_leads_to_the_frame_in_most_doubt(opened: Any, reviewed: Reviewed) -> None:
    opened.go(reviewed.index)

    opened.page.click("tr[data-shot] .thumb a")

    worst = reviewed.facts[0].worst
    assert worst is not None
    opened.wait_for(f"{worst[2]} overlay {worst[1]}")
    assert cv2.countNonZero(canvas(opened).astype(np.uint8)[:, :, 0]) > 0
