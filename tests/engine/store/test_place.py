# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from stmatte.errors import StmatteError
from stmatte.store import default_folder, open_store
from stmatte.store.entry import FRAME
from stmatte.store.shelf import file_of

GB = 1_000_000_000


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("STMATTE_STORE", raising=False)
    monkeypatch.delenv("STMATTE_STORE_LIMIT", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # where platformdirs looks


def free(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=count))


def test_the_folder_is_the_one_that_was_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STMATTE_STORE", str(tmp_path / "mine"))

    assert default_folder() == tmp_path / "mine"
    assert open_store().folder == tmp_path / "mine"
    assert open_store(tmp_path / "other").folder == tmp_path / "other"


def test_the_folder_may_be_in_one_s_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STMATTE_STORE", "~/mattes")

    assert default_folder() == Path.home() / "mattes"


def test_the_home_of_a_stranger_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STMATTE_STORE", "~nobody-of-this-name/mattes")

    with pytest.raises(StmatteError, match='Store folder "~nobody-of-this-name/mattes" cannot'):
        default_folder()


@pytest.mark.parametrize("named", [None, "", " "])
def test_else_it_is_in_the_user_s_cache(monkeypatch: pytest.MonkeyPatch, named: str | None) -> None:
    if named is not None:
        monkeypatch.setenv("STMATTE_STORE", named)

    assert default_folder().parts[-2:] == ("stmatte", "store") or os.name == "nt"
    assert default_folder().is_absolute()


def test_opening_a_store_makes_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path / "a" / "b")

    assert 0 < store.limit <= 20 * GB
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("there", "limit"), [(1000 * GB, 20 * GB), (100 * GB, 20 * GB), (10 * GB, 2 * GB), (0, 0)]
)
def test_the_room_is_20_gb_or_a_fifth_of_what_is_free(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, there: int, limit: int
) -> None:
    free(monkeypatch, there)

    assert open_store(tmp_path).limit == limit


def test_what_the_store_holds_counts_as_free(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = file_of(tmp_path, FRAME, "a" * 32)
    path.parent.mkdir()
    path.write_bytes(bytes(40960))
    free(monkeypatch, 4096)

    assert open_store(tmp_path).limit == (40960 + 4096) // 5


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("50G", 50 * GB),
        ("50 GB", 50 * GB),
        ("1.5t", 1500 * GB),
        ("500M", GB // 2),
        ("8K", 8000),
        ("2GiB", 2 * 1024**3),
        ("2gi", 2 * 1024**3),
    ],
)
def test_a_limit_that_was_named_holds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, limit: int
) -> None:
    monkeypatch.setenv("STMATTE_STORE_LIMIT", text)

    assert open_store(tmp_path).limit == limit
    assert open_store(tmp_path, 5000).limit == 5000


@pytest.mark.parametrize("text", ["50", "G", "0G", "-1G", "1e3G", "50 X", "fifty", "nan", "²G"])
def test_a_limit_that_is_no_size_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    monkeypatch.setenv("STMATTE_STORE_LIMIT", text)

    with pytest.raises(StmatteError, match="its unit K, M, G or T, such as 50G") as caught:
        open_store(tmp_path)

    assert caught.value.value == text


def test_a_disk_that_does_not_answer_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def gone(_: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(shutil, "disk_usage", gone)

    with pytest.raises(StmatteError, match=r"cannot be used \(Input/output error\)"):
        open_store(tmp_path)
