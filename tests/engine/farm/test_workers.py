# SPDX-License-Identifier: Apache-2.0
"""What a worker must find, asked here as it is asked there."""

from __future__ import annotations

from pathlib import Path

import pytest

from stmatte.errors import StmatteError
from stmatte.farm.workers import SHIPPED, answer, asking, told

WEIGHTS = f"{SHIPPED}label-propagation.safetensors"


def amiss(asked: dict[str, object], **other: object) -> list[str]:
    """Return the sentences of a worker that is asked, but finds other things."""
    return [str(error) for error in told("seven", answer({**asked, **other}))]


def test_a_worker_that_finds_everything_says_nothing(tmp_path: Path) -> None:
    shot = tmp_path / "sh010.json"
    shot.write_text("{}")

    with asking(tmp_path / "store", [shot], [WEIGHTS]) as asked:
        assert amiss(asked) == []


def test_nothing_is_left_in_the_store(tmp_path: Path) -> None:
    with asking(tmp_path, [], []):
        assert len(list(tmp_path.iterdir())) == 1

    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_another_folder_there_is_told_by_the_probe(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()

    with asking(tmp_path / "store", [], []) as asked:
        (told_of,) = amiss(asked, probe=str(tmp_path / "other" / Path(str(asked["probe"])).name))

    assert told_of.startswith(f'Worker seven: it does not see what is in the store "{tmp_path}')


def test_a_store_with_an_old_probe_of_the_same_name_is_another_one(tmp_path: Path) -> None:
    with asking(tmp_path, [], []) as asked:
        assert len(amiss(asked, token="another")) == 1


def test_a_plate_that_lies_elsewhere_is_named_with_how_many_more(tmp_path: Path) -> None:
    lost = [tmp_path / f"plate.{n}.png" for n in (1001, 1002, 1003)]

    with asking(tmp_path, lost, []) as asked:
        (told_of,) = amiss(asked)

    assert f'"{lost[0]}" and 2 more files' in told_of


def test_another_version_of_stmatte_is_told(tmp_path: Path) -> None:
    with asking(tmp_path, [], []) as asked:
        (told_of,) = amiss(asked, version="99.0")

    assert "all workers have the version that asks them, 99.0" in told_of


def test_weights_that_are_lacking_or_differ_are_told(tmp_path: Path) -> None:
    own = tmp_path / "own.safetensors"
    own.write_bytes(b"weights")

    with asking(tmp_path / "store", [], [str(own), WEIGHTS]) as asked:
        own.write_bytes(b"others")
        differ = amiss(asked)
        own.unlink()
        lacking = amiss(asked)

    assert 'it has others of the weights "own.safetensors"' in differ[0]
    assert 'it does not find the weights "own.safetensors"' in lacking[0]
    assert (len(differ), len(lacking)) == (1, 1)


def test_a_store_that_cannot_be_made_is_told_before_anybody_is_asked(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StmatteError, match="Cannot write"), asking(tmp_path / "file", [], []):
        pass
