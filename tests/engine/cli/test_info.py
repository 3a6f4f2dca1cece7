# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from shots import SIZE, cut_short, soft_disc
from stmatte.images import write_mattes
from stmatte.networks import identity
from stmatte.networks.registry import NETWORKS, load_network
from stmatte.training.lineage import entered, went_on, write_beside
from stmatte.training.recipe import Recipe

WEIGHTS = Path(__file__).parents[3] / "engine/stmatte/weights/label-propagation.safetensors"


def facts(out: str) -> list[list[str]]:
    """Return the lines as [name, words]."""
    return [[part.strip() for part in line.split("  ", 1)] for line in out.splitlines()]


def test_it_names_versions_device_and_every_network(run: Any) -> None:
    ran = run("info")

    said = dict(facts(ran.out))
    assert ran.code == 0
    assert said["stmatte"] == version("stmatte")
    assert said["torch"] == version("torch")
    assert said["device"].startswith(("cpu (", "cuda ("))
    assert said["device"].startswith("cuda (") or "; no GPU: " in said["device"]
    assert set(NETWORKS) <= set(said)
    assert said["stm"] == "network without weights of its own; give --model a file"
    assert said["label-propagation"].endswith(f"({identity.provenance(WEIGHTS.name)['licence']})")


def test_a_model_whose_weights_are_missing_is_said_and_the_rest_too(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(weights: str) -> dict[str, str]:
        raise FileNotFoundError(weights)

    monkeypatch.setattr(identity, "provenance", nothing)

    said = dict(facts(run("info").out))

    assert said["label-propagation"] == "its weights are missing from this installation"
    assert "stm" in said


def test_a_plate_is_told_by_frames_and_size(run: Any, place: Any) -> None:
    (place.folder / "plate" / "plate.1002.png").unlink()

    ran = run("info", place.plate)

    assert ran.code == 0
    assert facts(ran.out) == [
        ["plate", place.plate],
        ["frames", "1001-1005, 1 missing"],
        ["size", "96x64, pixel aspect 1"],
        ["pictures", "taken as srgb_rec709_scene, as its files say"],
    ]


def test_floating_point_pictures_are_linear(run: Any, place: Any) -> None:
    assert cv2.imwrite(str(place.folder / "f.0001.tif"), np.zeros((4, 6, 3), np.float32))

    assert ["pictures", "taken as lin_ap1_scene, as floating point pictures are"] in facts(
        run("info", place.folder / "f.0001.tif").out
    )


def test_a_plate_whose_first_frame_is_broken_says_so_among_the_rest(run: Any, place: Any) -> None:
    cut_short(place.folder / "plate" / "plate.1001.png")

    ran = run("info", place.plate)

    assert ran.code == 0
    assert facts(ran.out)[1] == ["frames", "1001-1005"]
    assert facts(ran.out)[3][1].startswith("Plate frame 1001 cannot be read")


def test_labels_are_told_one_by_one(run: Any, place: Any) -> None:
    said = facts(run("info", place.labels).out)

    # 24 x 24 and 24 x 20 of 64 x 96 pixels: 576 / 6144 and 480 / 6144
    assert said[-2:] == [
        ["as a key", "object1, 96x64, 9.4% of the frame"],
        ["as a key", "object2, 96x64, 7.8% of the frame"],
    ]


def test_an_exr_of_mattes_is_a_key_though_it_is_no_plate(run: Any, tmp_path: Path) -> None:
    write_mattes(tmp_path / "m.0001.exr", {"hero": soft_disc(30), "car": np.zeros(SIZE)})

    ran = run("info", tmp_path / "m.0001.exr")

    assert ran.code == 0
    assert [words.split(",")[0] for _, words in facts(ran.out)] == ["car", "hero"]
    assert facts(ran.out)[0] == ["as a key", "car, 96x64, 0.0% of the frame"]


def test_weights_are_told_by_network_size_and_fingerprint(run: Any) -> None:
    network = load_network("label-propagation", "cpu")

    assert facts(run("info", WEIGHTS).out)[:4] == [
        ["weights", str(WEIGHTS)],
        ["network", "label-propagation"],
        ["parameters", f"{identity.parameters(network):,}"],
        ["fingerprint", identity.fingerprint(network)],
    ]


@pytest.mark.parametrize("name", ["nosuch.png", "nosuch.####.exr", "nosuch.pth", "nosuch.mov"])
def test_what_is_not_there_is_named(run: Any, tmp_path: Path, name: str) -> None:
    ran = run("info", tmp_path / name)

    assert ran.code == 2
    assert ran.out == ""
    assert name in ran.err
    assert ran.err.count("\n") == 1


def test_a_file_that_is_no_picture_is_refused(run: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture")

    ran = run("info", tmp_path / "notes.txt")

    assert ran.code == 2
    assert 'notes.txt" is not a picture' in ran.err


def test_a_network_that_ships_tells_where_its_weights_are_from(run: Any) -> None:
    ran = run("info", "stmatte-s")

    said = facts(ran.out)
    told = identity.provenance("stmatte-s.safetensors")
    assert ran.code == 0
    assert ["licence", told["licence"]] in said
    trained_on = [words for name, words in said if name == "trained on"]
    assert len(trained_on) == len(told["trained_on"])
    assert all(any(kind in words for words in trained_on) for kind in told["trained_on"])


def test_weights_of_a_run_tell_their_stages(run: Any, tmp_path: Path) -> None:
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes((WEIGHTS.parent / "stmatte-s.safetensors").read_bytes())
    first = went_on(entered([], Recipe(frames=3, batch=4), "c", 0), 1850)
    stages = went_on(entered(first, Recipe(frames=6, batch=2), "c", 1850), 2000)
    scores = [{"on": "seven shots", "says": "J 0.9, F 0.8"}]
    stages = (*stages, {"fitted": "one layer, by least squares"})
    write_beside(weights, stages, {"summary": "ours", "scores": scores})

    said = facts(run("info", str(weights)).out)

    assert ["summary", "ours"] in said
    assert ["stage", "1850 steps of 4 clips of 3 frames at 384x256"] in said
    assert ["stage", "150 steps of 2 clips of 6 frames at 384x256"] in said
    assert ["stage", "fitted: one layer, by least squares"] in said
    assert ["score", "seven shots: J 0.9, F 0.8"] in said
