# SPDX-License-Identifier: Apache-2.0
"""Names that Nuke and Blender show as they are, and files that can be found.

What objects may be called is `stmatte.naming`'s; here are channels and file names.
Source for files: Netflix, "VFX Plate Naming Best Practices".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from stmatte.acceptance.finding import Finding
from stmatte.errors import StmatteError
from stmatte.naming import alike, check_object_name

_FILE = re.compile(r"[A-Za-z0-9._-]+")
_FEWEST_DIGITS = 4


def name_findings(named: Mapping[str, tuple[str, str]]) -> Iterator[Finding]:
    """Look at the names of layers and channels.

    named   object name -> its layer and its channel. Without a layer it is called as it is
    """
    for name, (layer, channel) in named.items():
        if not layer:
            continue
        try:
            check_object_name(layer)
        except StmatteError as error:
            yield Finding("names", "fail", f"{error.what}: {error.allowed}", object=name)
        if len(channel.removeprefix(f"{layer}.")) != 1:
            words = f'channel "{channel}" does not end in a single letter, as Blender asks'
            yield Finding("names", "warn", words, object=name)
    for name, earlier in alike(layer for layer, _ in named.values() if layer):
        words = f'differs from "{earlier}" in capitals only'
        yield Finding("names", "fail", words, object=name)


def file_findings(names: Mapping[int, str]) -> Iterator[Finding]:
    """Look at file names, given for every frame."""
    for frame, name in names.items():
        if _FILE.fullmatch(name) is None:
            words = "the file's name has other signs than letters, digits and . _ -"
            yield Finding("names", "warn", words, frame)
        digits = re.findall(r"\d+", name.rpartition(".")[0])
        if digits and len(digits[-1]) < _FEWEST_DIGITS:
            words = f"the frame number has fewer than {_FEWEST_DIGITS} digits"
            yield Finding("names", "warn", words, frame)
