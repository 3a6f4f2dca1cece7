# SPDX-License-Identifier: Apache-2.0
"""Frames by digest, on a disk or in memory: losing one costs time, none is ever wrong."""

from stmatte.store.disk import DiskStore
from stmatte.store.kept import Store
from stmatte.store.place import default_folder, open_store
from stmatte.store.planes import pack_plane, unpack_plane
from stmatte.store.ram import RamStore

__all__ = [
    "DiskStore",
    "RamStore",
    "Store",
    "default_folder",
    "open_store",
    "pack_plane",
    "unpack_plane",
]
