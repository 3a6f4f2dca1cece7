# SPDX-License-Identifier: Apache-2.0
"""How mattes are made: the settings of a shot, checked when they are said.

Plain and frozen, as a shot is: knows no torch, no numpy and no file. Whether a model, a
layer or a device is there is found out by who needs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from stmatte.errors import StmatteError

Reach = int | Literal["all"]
"""How many keys on either side a frame listens to."""

Edges = Literal["off", "guided", "matting"]
"""How mattes come from the network's resolution to the plate's."""

Focus = Literal["off", "auto"]
"""Whether the network looks at a small object through a window around it."""

Precision = Literal["float32", "bfloat16", "float16"]
"""In which numbers the network computes."""

MOST_STEPS = 1000
"""Steps of adapting beyond this are a slip."""

MOST_STOPS = 20
"""Exposures beyond this, up or down, are a slip."""


@dataclass(frozen=True)
class Settings:
    """How mattes are made. Everything here changes pixels; nothing else does.

    model           name of a network that ships, or path of a weights file
    working_height  picture height in pixels that the network sees; smaller plates are not enlarged
    memory_every    an own result becomes a lasting memory frame every so many frames; 0 = never
    device          "auto", "cpu" or "cuda"
    memory_frames   how many lasting own results memory holds at most; beyond, they are thinned.
                    Keys are never thinned
    reach           how many keys on either side a frame listens to: 1 or more, or "all"
    colorspace      name of the plate's colour space in the OCIO config; "" takes what the files
                    say, else what is usual for their type
    layer           layer or channel of the plate that is looked at; "" takes its colours
    exposure        stops by which the network sees a plate brighter that is not display-referred;
                    None measures them once on the shot
    edges           how mattes come to the plate's resolution: "off" scales them, "guided" follows
                    the plate's edges, "matting" estimates alpha around them
    focus           "auto": the network looks at a small object through a window around it
    steady          whether mattes are steadied along the plate's motion
    adapt           how many steps a copy of the network learns on the shot's own keys before it
                    makes mattes; 0 = none
    adapt_on        frames of the keys that it learns from; () means those where objects are first
                    shown. All mattes depend on these keys
    precision       in which numbers the network computes: "float32"; or "bfloat16" or "float16", of
                    16 bits, which are faster where the device has them
    compile         whether the network is compiled for the machine first, which takes a minute
    """

    model: str = "stmatte-s"
    working_height: int = 480
    memory_every: int = 5
    device: str = "auto"
    memory_frames: int = 20
    reach: Reach = 1
    colorspace: str = ""
    layer: str = ""
    exposure: float | None = None
    edges: Edges = "guided"
    focus: Focus = "off"
    steady: bool = False
    adapt: int = 0
    adapt_on: tuple[int, ...] = ()
    precision: Precision = "float32"
    compile: bool = False

    def __post_init__(self) -> None:
        if self.working_height < 64:
            raise StmatteError(
                f"Working height {self.working_height} is too small",
                value=self.working_height,
                allowed="64 pixels or more",
            )
        if self.memory_every < 0:
            raise StmatteError(
                f"Memory every {self.memory_every} frames is not possible",
                value=self.memory_every,
                allowed="0 (never) or more",
            )
        if self.memory_frames < 1:
            raise StmatteError(
                f"Memory of {self.memory_frames} frames is not possible",
                value=self.memory_frames,
                allowed="1 or more",
            )
        if self.reach != "all" and not (isinstance(self.reach, int) and self.reach >= 1):
            raise StmatteError(
                f"Reach {self.reach} is not possible",
                value=self.reach,
                allowed='1 key on either side or more, or "all"',
            )
        if self.device not in ("auto", "cpu", "cuda"):
            raise StmatteError(
                f'Device "{self.device}" is not known',
                value=self.device,
                allowed="auto, cpu or cuda",
            )
        if self.exposure is not None and not abs(self.exposure) <= MOST_STOPS:  # NaN is not
            raise StmatteError(
                f"Exposure {self.exposure:g} is not possible",
                value=self.exposure,
                allowed=f"stops from -{MOST_STOPS} to {MOST_STOPS}",
            )
        if self.edges not in get_args(Edges):
            raise StmatteError(
                f'Edges "{self.edges}" are not known',
                value=self.edges,
                allowed="off, guided or matting",
            )
        if self.focus not in get_args(Focus):
            raise StmatteError(
                f'Focus "{self.focus}" is not known', value=self.focus, allowed="off or auto"
            )
        if self.precision not in get_args(Precision):
            raise StmatteError(
                f'Precision "{self.precision}" is not known',
                value=self.precision,
                allowed="float32, bfloat16 or float16",
            )
        if not 0 <= self.adapt <= MOST_STEPS:
            raise StmatteError(
                f"Adapting in {self.adapt} steps is not possible",
                value=self.adapt,
                allowed=f"0 (not at all) to {MOST_STEPS} steps",
            )
