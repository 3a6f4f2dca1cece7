# SPDX-License-Identifier: Apache-2.0
"""What an STMatte node of a script gives downstream on a frame, computed from the script's text.

Each class of node does here what Foundry's reference says of it, no more; one that is not known
here, or a knob that is not heeded, is an error: nothing inside the group may go unlooked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813
from exr_names import nuke_name
from numpy.typing import NDArray
from tcl_check import Node, Script, substituted

Picture = NDArray[np.float32]

_COLOURS = ("red", "green", "blue", "alpha")
_IGNORED = {"name", "inputs", "xpos", "ypos", "label", "version"}  # the last: of reloads
_SAFE_READ = {
    "file_type": "exr",
    "before": "black",
    "after": "black",
    "on_error": "black",
    "raw": "true",
    "origset": "true",
    "localizationPolicy": "off",
}


@dataclass
class Stream:
    """A picture on its way: channels by their names in Nuke, and what is said of it."""

    channels: dict[str, Picture] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, channel: str) -> Picture:
        return self.channels[channel]


@dataclass
class Evaluation:
    """One frame of one group.

    script   with the group in it
    group    the STMatte node
    plate    what is connected to its input 0
    frame    the frame
    folder   that of the script
    """

    script: Script
    group: Node
    plate: Stream
    frame: int
    folder: Path

    def __post_init__(self) -> None:
        self._known: dict[str, Stream] = {}

    def output(self) -> Stream:
        """Return what comes out of the group."""
        (output,) = [n for n in self.script.inside(self.group) if n.kind == "Output"]
        return self._of(output)

    def _of(self, node: Node | None) -> Stream:
        assert node is not None, "something inside is not connected"
        if node.name not in self._known:
            self._known[node.name] = getattr(self, f"_{node.kind.lower()}")(node)
        found = self._known[node.name]
        return Stream(dict(found.channels), dict(found.metadata))

    def _input(self, node: Node) -> Stream:
        self._heeds(node, "number")
        assert int(node.knobs.get("number", "0")) == 0, "only the plate is rendered"
        return self.plate

    def _output(self, node: Node) -> Stream:
        self._heeds(node)
        return self._of(node.inputs[0])

    def _read(self, node: Node) -> Stream:
        """A Read that is raw, and black where there is no file or no such frame."""
        self._heeds(node, "file", "first", "last", "origfirst", "origlast", *_SAFE_READ)
        assert _SAFE_READ.items() <= node.knobs.items()
        outside = not self._number(node, "first") <= self.frame <= self._number(node, "last")
        pattern = self._text(node.knobs["file"], "parent.")
        number = f"{self.frame:04d}"
        path = Path(re.sub(r"#+|%04d", number, pattern))
        return Stream() if outside or not path.is_file() else _file(path)

    def _copy(self, node: Node) -> Stream:
        pairs = [f"{way}{number}" for number in range(4) for way in ("from", "to")]
        self._heeds(node, *pairs)
        below, above = self._of(node.inputs[0]), self._of(node.inputs[1])
        for number in range(4):
            source = node.knobs.get(f"from{number}", "rgba.alpha" if number == 0 else "none")
            target = node.knobs.get(f"to{number}", "rgba.alpha" if number == 0 else "none")
            if "none" not in (source, target):
                below.channels[target] = above.channels.get(source, self._black())
        return below

    def _switch(self, node: Node) -> Stream:
        self._heeds(node, "which")
        return self._of(node.inputs[self._number(node, "which")])

    def _premult(self, node: Node) -> Stream:
        self._heeds(node)
        stream = self._of(node.inputs[0])
        for colour in _COLOURS[:3]:
            stream.channels[f"rgba.{colour}"] = stream[f"rgba.{colour}"] * stream["rgba.alpha"]
        return stream

    def _expression(self, node: Node) -> Stream:
        self._heeds(node, "expr0", "expr1", "expr2")
        stream = self._of(node.inputs[0])
        letters: dict[str, object] = {name[0]: stream[f"rgba.{name}"] for name in _COLOURS}
        tint = [float(part) for part in self.group.knobs["tint"].split()]
        values = {f"parent.tint.{letter}": str(tint[i]) for i, letter in enumerate("rgb")}
        for number, colour in enumerate(_COLOURS[:3]):
            said = node.knobs[f"expr{number}"]
            for name, value in values.items():
                said = said.replace(name, value)
            stream.channels[f"rgba.{colour}"] = eval(said, {"__builtins__": {}}, letters)
        return stream

    def _copymetadata(self, node: Node) -> Stream:
        self._heeds(node, "metadatafilter")
        image, meta = self._of(node.inputs[0]), self._of(node.inputs[1])
        wanted = node.knobs["metadatafilter"]
        passed = {k: v for k, v in meta.metadata.items() if wanted in k or wanted in v}
        return Stream(image.channels, {**image.metadata, **passed})

    def _heeds(self, node: Node, *knobs: str) -> None:
        assert set(node.knobs) <= _IGNORED | set(knobs), (node.name, node.knobs)

    def _number(self, node: Node, knob: str) -> int:
        """A knob that follows a knob of the group; of an enumeration its number counts."""
        match = re.fullmatch(r"\{?parent\.(\w+)\}?", node.knobs[knob])
        assert match, node.knobs[knob]
        (line,) = [each for each in self.group.user_knobs if each.name == match[1]]
        said = self.group.knobs.get(match[1], line.items[0] if line.items else "0")
        return line.items.index(said) if line.items else int(said)

    def _text(self, text: str, prefix: str) -> str:
        """A string with Tcl in it, as Nuke would have it where it stands."""
        values = {"root.name": str(self.folder / "shot.nk")}
        if prefix:
            values["parent.out"] = self._text(self.group.knobs["out"], "")
        return substituted(text, values)

    def _black(self) -> Picture:
        return np.zeros_like(self.plate["rgba.red"])


def plate_of(red: Picture, green: Picture, blue: Picture, **metadata: str) -> Stream:
    """Return a plate with an alpha of 1, as a Read gives it."""
    planes = (red, green, blue, np.ones_like(red))
    named = {f"rgba.{colour}": plane for colour, plane in zip(_COLOURS, planes, strict=True)}
    return Stream(named, metadata)


def _file(path: Path) -> Stream:
    source: Mapping[str, Picture]
    picture = oiio.ImageBuf(str(path))
    spec = picture.spec()
    assert (spec.x, spec.full_width) == (0, spec.width), "these tests write whole pictures"
    pixels = picture.get_pixels(oiio.FLOAT)
    source = {name: pixels[:, :, i] for i, name in enumerate(spec.channelnames)}
    said = {f"exr/{each.name}": str(each.value) for each in spec.extra_attribs}
    said["input/filename"] = str(path)
    return Stream({nuke_name(name): plane for name, plane in source.items()}, said)
