# SPDX-License-Identifier: Apache-2.0
"""Which memory frames speak of which objects: "nothing said" must never read as "background"."""

from __future__ import annotations

from dataclasses import replace

from stmatte.memory.bank import Bank, MemoryFrame


def by_what_is_said(bank: Bank) -> list[tuple[list[int], tuple[MemoryFrame, ...]]]:
    """Group objects that the same frames speak of, so that each group is read at once.

    returns  (indices of objects, the frames that speak of them, holding those objects only);
             objects that no frame speaks of are left out
    """
    groups: dict[tuple[int, ...], list[int]] = {}
    for index in range(len(bank.frames[0].said)):
        heard = tuple(i for i, frame in enumerate(bank.frames) if frame.said[index])
        if heard:
            groups.setdefault(heard, []).append(index)
    return [
        (objects, tuple(_only(bank.frames[i], objects) for i in heard))
        for heard, objects in groups.items()
    ]


def _only(frame: MemoryFrame, objects: list[int]) -> MemoryFrame:
    if len(objects) == len(frame.said):
        return frame
    return replace(
        frame,
        objects={name: m[objects] for name, m in frame.objects.items()},
        said=tuple(frame.said[i] for i in objects),
    )
