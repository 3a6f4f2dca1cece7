# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import torch

from delivering import deliver
from shots import Mixing, pictures, soft_disc
from stmatte import Key, Settings, Shot
from stmatte.networks.protocol import Query
from stmatte.pipeline.kept_sights import SightsOnDisk, features_beside
from stmatte.propagation.passes import Sight
from stmatte.propagation.sights import Sights
from stmatte.store import DiskStore, RamStore

CPU = torch.device("cpu")


class Counting(Mixing):
    """Counts what it has to look at."""

    seen = 0

    def encode_query(self, image: torch.Tensor) -> Query:
        self.seen += 1
        return super().encode_query(image)


def sight() -> Sight:
    maps = {"key": torch.randn(3, 4, 5), "s4": torch.rand(1, 2, 8, 10)[:, :, ::2]}
    return Sight(torch.rand(3, 16, 20), Query((16, 20), maps))


def test_every_bit_of_what_was_seen_comes_back() -> None:
    kept, seen = SightsOnDisk(RamStore(), CPU), sight()

    kept.keep("view 1", seen)
    back = kept.recall("view 1")

    assert back is not None
    assert torch.equal(back.image, seen.image)
    assert back.query.size == (16, 20)
    assert back.query.maps.keys() == seen.query.maps.keys()
    assert all(torch.equal(back.query.maps[n], m) for n, m in seen.query.maps.items())
    assert kept.recall("view 2") is None


def test_what_is_kept_but_is_no_sight_is_seen_anew() -> None:
    class Wrong(RamStore):
        def get(self, digest: str) -> bytes | None:
            return digest.encode()

    assert Sights(Counting(), kept=SightsOnDisk(Wrong(), CPU)).held("view 1") is None


def test_a_later_run_looks_at_nothing_twice(tmp_path: Path) -> None:
    store = DiskStore(tmp_path / "store", 10**8)
    shots = [
        Shot(pictures(range(1, 8)), keys, None, Settings(device="cpu"))
        for keys in (
            (Key(1, {"hero": soft_disc(30)}), Key(7, {"hero": soft_disc(50)})),
            (Key(1, {"hero": soft_disc(30)}), Key(7, {"hero": soft_disc(60)})),
        )
    ]
    seen = []
    for number, shot in enumerate(shots):
        network = Counting()
        out = str(tmp_path / f"{number}.####.exr")
        deliver(shot, out, network=network, store=store, features=features_beside(store))
        seen.append(network.seen)

    assert seen == [7, 0]


def test_the_mattes_are_the_same_bytes_with_and_without(tmp_path: Path) -> None:
    keys = (Key(1, {"hero": soft_disc(30)}), Key(7, {"hero": soft_disc(50)}))
    shot = Shot(pictures(range(1, 8)), keys, None, Settings(device="cpu"))
    store = DiskStore(tmp_path / "store", 10**8)
    for name in ("first", "again"):
        deliver(
            shot,
            str(tmp_path / f"{name}.####.exr"),
            network=Mixing(),
            features=features_beside(store),
        )
    deliver(shot, str(tmp_path / "without.####.exr"), network=Mixing())

    for frame in range(1, 8):
        files = [tmp_path / f"{n}.{frame:04d}.exr" for n in ("first", "again", "without")]
        assert len({path.read_bytes() for path in files}) == 1


def test_beside_memory_there_is_no_place_for_features() -> None:
    assert features_beside(RamStore()) is None
