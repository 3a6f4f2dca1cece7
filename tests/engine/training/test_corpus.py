# SPDX-License-Identifier: Apache-2.0
"""Packing a data folder, and reading the pack back."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stmatte.errors import StmatteError
from stmatte.training.corpus import MANIFEST, UNKNOWN, VERSION, Corpus
from stmatte.training.pack import LONG_SIDE, pack_corpus

from .conftest import scene, scene_labels, write_palette, write_picture

DATA = Path(__file__).parents[4] / "shared" / "data"
MOST = 60 * 2**20  # bytes


def labels_of(path: Path) -> np.ndarray:
    """The numbers of a grey label picture."""
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def picture(height: int, width: int, *channels: int) -> np.ndarray:
    return np.full((height, width, *channels), 100, np.uint8)


def write(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), pixels)


# --- packing --------------------------------------------------------------------------


def test_everything_that_may_be_trained_on_is_packed(data: Path, tmp_path: Path) -> None:
    counts = pack_corpus(data, tmp_path / "new" / "corpus.pack")

    # of three stills one has no mask; a wall and a sky are the backgrounds
    assert counts == {"stills": 2, "objects": 1, "clips": 1, "cutouts": 2, "backgrounds": 2}
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["corpus.pack"]


def test_evaluation_sets_are_never_opened(data: Path, pack: Path) -> None:
    assert len(list(data.rglob("*secret/**/*.jpg"))) == 2  # no pictures: opening one is an error

    with zipfile.ZipFile(pack) as archive:
        names = archive.namelist()
        manifest = archive.read(MANIFEST).decode()

    for forbidden in ("davis", "holdout", "secret", "unmasked"):
        assert not [name for name in names if forbidden in name]
        assert forbidden not in manifest


def test_labels_come_back_exactly_be_they_palette_or_grey(data: Path, corpus: Corpus) -> None:
    by_name = {still.picture: corpus.labels(still.labels) for still in corpus.stills}
    grey = labels_of(data / "stills/masks/ride.png")

    assert np.array_equal(by_name["stills/ride.webp"], grey)
    assert np.array_equal(by_name["stills/walk.webp"], grey[:, ::-1])  # written as a palette
    assert np.bincount(grey.ravel())[[1, 2, UNKNOWN]].tolist() == [600, 500, 100]


def test_clips_keep_their_order_and_their_labels(corpus: Corpus) -> None:
    (clip,) = corpus.clips

    starts = [int(np.flatnonzero((corpus.labels(n) == 1).any(axis=0))[0]) for n in clip.labels]

    assert starts == [15, 18, 21, 24, 27]  # three pixels to the right a frame
    assert [Path(name).stem for name in clip.pictures] == [f"{t:05d}" for t in range(5)]


def test_a_clip_with_soft_mattes_keeps_them_in_steps_and_its_labels_are_left_out(
    tmp_path: Path,
) -> None:
    clip = tmp_path / "data" / "clips" / "soft"
    matte = np.zeros((72, 108, 3), np.uint8)
    matte[:, :50] = (0, 255, 100)  # blue, green and red: objects 3, 2 and 1
    for t in range(3):
        write_picture(clip / f"frames/{t:05d}.jpg", scene(t))
        write_palette(clip / f"labels/{t:05d}.png", scene_labels())
        write_picture(clip / f"alpha/{t:05d}.png", matte)

    pack_corpus(tmp_path / "data", tmp_path / "soft.pack")

    corpus = Corpus(tmp_path / "soft.pack")
    assert corpus.clips[0].labels == ()
    assert len(corpus.clips[0].mattes) == 3
    # 100 is nearer to six times 16 than to seven times; the last step is cut off at white
    assert corpus.mattes(corpus.clips[0].mattes[1])[5, 5].tolist() == [96, 255, 0]


def test_a_clip_whose_mattes_are_not_all_there_keeps_its_labels(tmp_path: Path) -> None:
    clip = tmp_path / "data" / "clips" / "part"
    for t in range(3):
        write_picture(clip / f"frames/{t:05d}.jpg", scene(t))
        write_palette(clip / f"labels/{t:05d}.png", scene_labels())
    write_picture(clip / "alpha/00000.png", scene(0))

    pack_corpus(tmp_path / "data", tmp_path / "part.pack")

    (packed,) = Corpus(tmp_path / "part.pack").clips
    assert packed.mattes == ()
    assert len(packed.labels) == 3


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A still, and twenty clips of three frames, called c00 to c19."""
    root = tmp_path_factory.mktemp("many")
    write_picture(root / "objects/images/cup.jpg", scene(4))
    write_palette(root / "objects/masks/cup.png", scene_labels())
    for clip in range(20):
        for t in range(3):
            write_picture(root / f"clips/c{clip:02d}/frames/{t:05d}.jpg", scene(clip))
            write_palette(root / f"clips/c{clip:02d}/labels/{t:05d}.png", scene_labels())
    return root


def clips_in(pack: Path) -> list[int]:
    return [int(clip.pictures[0].split("/")[1][1:]) for clip in Corpus(pack).clips]


@settings(max_examples=25, deadline=None)
@given(share=st.floats(0.3, 1.1))
def test_a_pack_takes_no_more_than_its_room_and_wastes_less_than_a_clip(
    many: Path, share: float
) -> None:
    whole = many / "whole.pack"
    pack_corpus(many, whole)
    room = int(share * whole.stat().st_size)

    counts = pack_corpus(many, many / "part.pack", room)

    size, kept = (many / "part.pack").stat().st_size, clips_in(many / "part.pack")
    assert size <= room
    assert counts["clips"] == len(kept) == len(set(kept))
    assert counts["objects"] == 1
    if len(kept) < 20:
        assert room - size < 1.5 * whole.stat().st_size / 20
    assert share < 1 or len(kept) == 20


def test_clips_that_have_room_are_from_all_over_the_folder(many: Path, tmp_path: Path) -> None:
    pack_corpus(many, tmp_path / "whole.pack")

    pack_corpus(many, tmp_path / "half.pack", (tmp_path / "whole.pack").stat().st_size // 2)

    kept = sorted(clips_in(tmp_path / "half.pack"))
    assert len(kept) >= 8
    assert max(np.diff([-1, *kept, 20])) <= 4


def test_no_room_for_any_clip_is_an_error_that_says_what_the_rest_takes(
    many: Path, tmp_path: Path
) -> None:
    with pytest.raises(StmatteError, match=r"no room for a single clip: other pictures take"):
        pack_corpus(many, tmp_path / "small.pack", 1000)

    assert not (tmp_path / "small.pack").exists()


def test_a_pack_of_the_first_version_is_still_read(pack: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(pack) as old, zipfile.ZipFile(tmp_path / "old.pack", "w") as new:
        for name in old.namelist():
            told = old.read(name).replace(VERSION.encode(), b"stmatte.corpus/1")
            new.writestr(name, told if name == MANIFEST else old.read(name))

    assert Corpus(tmp_path / "old.pack").clips == Corpus(pack).clips


def test_pictures_are_rgb_and_cutouts_keep_their_alpha(corpus: Corpus) -> None:
    picture = corpus.picture("objects/cup.webp")
    disc = corpus.cutout(corpus.cutouts[0])

    # written by OpenCV, which takes blue first, as (30, 30, 250); WebP changes it a little
    assert np.abs(picture[52, 70].astype(int) - [250, 30, 30]).max() < 25
    assert disc[10, 12].tolist() == [0, 0, 200, 255]
    assert disc[0, 0, 3] == 0


def test_large_pictures_shrink_with_their_labels(tmp_path: Path) -> None:
    labels = np.random.default_rng(0).choice([0, 3, UNKNOWN], (432, 864)).astype(np.uint8)
    write(tmp_path / "stills/images/a.jpg", picture(432, 864, 3))
    write(tmp_path / "stills/masks/a.png", labels)

    pack_corpus(tmp_path, tmp_path / "corpus.pack")
    corpus = Corpus(tmp_path / "corpus.pack")

    assert corpus.picture("stills/a.webp").shape == (216, LONG_SIDE, 3)  # half of 432 x 864
    assert np.array_equal(corpus.labels("stills/a.png"), labels[1::2, 1::2])


def test_a_folder_with_single_objects_alone_is_enough(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data / "objects", tmp_path / "objects")

    assert pack_corpus(tmp_path, tmp_path / "corpus.pack")["objects"] == 1


@pytest.mark.parametrize("level", ["", "480p"])
def test_annotated_frames_of_davis_and_youtube_vos_are_clips(level: str, tmp_path: Path) -> None:
    root = tmp_path / "DAVIS"
    for t in range(4):
        write_picture(root / "JPEGImages" / level / f"goat/{t:05d}.jpg", scene(t))
        if t != 2:  # YouTube-VOS has pictures without labels
            write_palette(root / "Annotations" / level / f"goat/{t:05d}.png", scene_labels())

    counts = pack_corpus(root, tmp_path / "videos.pack")

    (clip,) = Corpus(tmp_path / "videos.pack").clips
    assert counts["clips"] == 1
    assert [Path(name).stem for name in clip.labels] == ["00000", "00001", "00003"]


def test_frames_of_videos_become_backgrounds(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data / "objects", tmp_path / "objects")
    (tmp_path / "videos").mkdir()
    size, code = (96, 64), cv2.VideoWriter.fourcc(*"mp4v")
    film = cv2.VideoWriter(str(tmp_path / "videos/sea.mp4"), code, 25.0, size)
    if not film.isOpened():
        pytest.skip("this OpenCV writes no video")
    for _ in range(31):
        film.write(picture(64, 96, 3))
    film.release()

    pack_corpus(tmp_path, tmp_path / "corpus.pack")

    # every 30th frame: 0 and 30
    names = ["videos/sea_00000.webp", "videos/sea_00030.webp"]
    assert Corpus(tmp_path / "corpus.pack").backgrounds == names


# --- what cannot be packed -------------------------------------------------------------


def test_a_folder_without_masks_is_refused_and_leaves_no_file(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data / "backgrounds", tmp_path / "data" / "backgrounds")

    with pytest.raises(StmatteError, match="holds nothing to train on: a folder stills or objects"):
        pack_corpus(tmp_path / "data", tmp_path / "corpus.pack")

    assert [p.name for p in tmp_path.iterdir()] == ["data"]


def test_labels_of_another_size_than_their_picture_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "objects/images/a.jpg", picture(40, 60, 3))
    write(tmp_path / "objects/masks/a.png", picture(60, 40))

    with pytest.raises(StmatteError, match=r"a[.]png are 40x60: their picture is 60x40"):
        pack_corpus(tmp_path, tmp_path / "corpus.pack")

    assert [p.name for p in tmp_path.iterdir()] == ["objects"]


def test_a_picture_that_is_none_is_named(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data / "objects", tmp_path / "objects")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/torn.jpg").write_bytes(b"\xff\xd8 torn")

    with pytest.raises(StmatteError, match=r"torn[.]jpg cannot be read"):
        pack_corpus(tmp_path, tmp_path / "corpus.pack")


@pytest.mark.parametrize("channels", [(), (3,)], ids=["grey", "no alpha"])
def test_a_cutout_without_alpha_is_refused(
    data: Path, tmp_path: Path, channels: tuple[int, ...]
) -> None:
    shutil.copytree(data / "objects", tmp_path / "objects")
    write(tmp_path / "stills/cutouts/leaf.png", picture(20, 20, *channels))

    with pytest.raises(StmatteError, match=r"Cutout .*leaf[.]png has no alpha"):
        pack_corpus(tmp_path, tmp_path / "corpus.pack")


def test_a_pack_that_cannot_be_written_is_an_error(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StmatteError, match=r"corpus[.]pack cannot be written"):
        pack_corpus(data, tmp_path / "file" / "corpus.pack")


# --- what cannot be read ---------------------------------------------------------------


def test_a_damaged_pack_is_refused_wherever_it_is_cut_off(pack: Path, tmp_path: Path) -> None:
    whole = pack.read_bytes()
    cut = tmp_path / "cut.pack"
    for length in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        cut.write_bytes(whole[:length])
        with pytest.raises(StmatteError, match="is not a packed corpus"):
            Corpus(cut)


def test_a_pack_with_any_byte_changed_is_read_unharmed_or_refused(
    pack: Path, tmp_path: Path
) -> None:
    whole = bytearray(pack.read_bytes())
    changed = tmp_path / "changed.pack"
    random = np.random.default_rng(0)
    refused = 0
    for at in (*random.integers(len(whole), size=40), *range(len(whole) - 60, len(whole))):
        whole[at] ^= 0xFF
        changed.write_bytes(whole)
        try:
            Corpus(changed)
        except StmatteError:
            refused += 1
        whole[at] ^= 0xFF

    assert refused > 40


@pytest.mark.parametrize(
    "manifest",
    [
        b"not JSON",
        b"[]",
        json.dumps({"version": VERSION, "stills": []}).encode(),
        json.dumps(
            {"version": VERSION, "stills": [{"picture": "a.jpg"}], "objects": [], "clips": []}
        ).encode(),
    ],
    ids=["text", "list", "kinds missing", "labels missing"],
)
def test_a_pack_with_another_manifest_is_refused(manifest: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.pack"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MANIFEST, manifest)

    with pytest.raises(StmatteError, match="is not a packed corpus"):
        Corpus(path)


def test_a_pack_of_another_version_says_which(tmp_path: Path) -> None:
    path = tmp_path / "old.pack"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MANIFEST, json.dumps({"version": "stmatte.corpus/0"}))

    with pytest.raises(StmatteError) as refused:
        Corpus(path)

    assert str(refused.value) == (
        f"{path} is a corpus of version stmatte.corpus/0: {VERSION}. Pack it again with this "
        "version."
    )


def test_a_picture_that_the_pack_has_not_got_is_named(corpus: Corpus) -> None:
    with pytest.raises(StmatteError, match=r'Picture "stills/gone.jpg" of the corpus is damaged'):
        corpus.picture("stills/gone.jpg")


def test_a_pack_is_read_without_openimageio(pack: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from stmatte.training.corpus import Corpus\n"
        "import stmatte.training.loop\n"
        f"corpus = Corpus(Path({str(pack)!r})); corpus.picture(corpus.stills[0].picture)\n"
        "print([m for m in ('OpenImageIO', 'click', 'rich', 'stmatte.images') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


@pytest.mark.slow
def test_the_whole_corpus_fits_what_a_lent_machine_takes(tmp_path: Path) -> None:
    if not DATA.is_dir():
        pytest.skip("the folder shared/data beside the checkout is missing")
    path = tmp_path / "corpus.pack"

    counts = pack_corpus(DATA, path)

    assert path.stat().st_size <= MOST
    assert counts == {
        "stills": 570,
        "objects": 691,
        "clips": 90,
        "cutouts": 847,
        "backgrounds": 651,
    }
