# SPDX-License-Identifier: Apache-2.0
"""What a shot document looks like: its entries, their types, and what each alone may be.

The published JSON Schema is made from these models, so what they say to a person is said
here: a docstring is an entry's description. Rules that `shot` has are asked of `shot`.
What entries have against each other is in `agreement`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Literal, ParamSpec, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from stmatte.document.places import quoted
from stmatte.errors import StmatteError
from stmatte.naming import MOST_LETTERS, OBJECT_NAME, check_object_name
from stmatte.settings import MOST_STEPS, Edges, Focus, Precision, Settings
from stmatte.shot import FrameRange, MatteFile

FORMAT = "stmatte.shot/1"
"""What the first entry of a shot document says."""

LAST_FRAME = 99_999_999
"""The largest frame number; its negative is the smallest."""

MOST_FRAMES = 1_000_000
"""How many frames a range may have: eleven hours at 24 frames a second."""

_RANGE = re.compile(r"\s*-?[0-9]{1,8}(\s*-\s*-?[0-9]{1,8})?\s*")
_P = ParamSpec("_P")
_R = TypeVar("_R")


def _asking(noun: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return `noun` such that its StmatteError becomes one of pydantic's many errors."""

    @wraps(noun)
    def ask(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return noun(*args, **kwargs)
        except StmatteError as error:
            raise PydanticCustomError("stmatte", "refused", {"error": error}) from None

    return ask


def _path(text: str) -> str:
    if "\0" in text:
        raise StmatteError(
            "The path holds a null character", value=text, allowed="no file has one in its name"
        )
    return text


def _range(text: object) -> FrameRange:
    if not isinstance(text, str):
        raise PydanticCustomError("string_type", "")
    if _RANGE.fullmatch(text) is None and len(text) > 40:
        text = text[:40] + "…"
    frames = FrameRange.parse(text)
    if max(abs(frames.first), abs(frames.last)) > LAST_FRAME:
        raise StmatteError(
            f"Frame range {text} goes too far",
            value=text,
            allowed="frame numbers have at most eight digits",
        )
    if frames.last - frames.first >= MOST_FRAMES:
        raise StmatteError(
            f"Frame range {text} is too long",
            value=text,
            allowed=f"a range has at most {MOST_FRAMES} frames",
            repair="Name only the frames that are meant",
        )
    return frames


Frame = Annotated[int, Field(ge=-LAST_FRAME, le=LAST_FRAME, examples=[1001])]
Text = Annotated[str, Field(max_length=4096)]
FilePath = Annotated[Text, Field(min_length=1), AfterValidator(_asking(_path))]
ObjectName = Annotated[
    Text,
    Field(
        json_schema_extra={"pattern": f"^{OBJECT_NAME.pattern}$", "maxLength": MOST_LETTERS},
        examples=["hero"],
    ),
    AfterValidator(_asking(check_object_name)),
]
Range = Annotated[
    FrameRange,
    PlainValidator(
        _asking(_range),
        json_schema_input_type=Annotated[
            str, Field(pattern=f"^{_RANGE.pattern}$", examples=["1001-1100", "1001"])
        ],
    ),
]


class Entry(BaseModel):
    """Strict: what is of another type or unknown is refused, never converted or ignored."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class MatteEntry(Entry):
    """A matte that lies in a file."""

    path: Annotated[FilePath, Field(examples=["keys/hero.1001.exr"])] = Field(
        description="The picture, relative to the document's folder; a pattern such as "
        "matte.####.exr where several frames are meant."
    )
    channel: Text = Field(
        default="",
        description="Name of the channel, such as hero.A, or of its layer; left out, the only "
        "one there is.",
    )
    label: int = Field(
        default=0,
        description="In a picture of labels, the object's number from 1 up.",
        json_schema_extra={"minimum": 0},
    )

    @model_validator(mode="after")
    def _fits(self) -> MatteEntry:
        _asking(MatteFile)(self.path, self.channel, self.label)
        return self


class ObjectEntry(Entry):
    """Something in the plate that gets a matte of its own."""

    name: ObjectName = Field(description="What hosts call its layer.")


class KeyEntry(Entry):
    """The matte that the artist gave one object on one frame."""

    frame: Frame = Field(description="The plate's frame number.")
    object: ObjectName = Field(description="Whose matte.")
    matte: MatteEntry


class AbsenceEntry(Entry):
    """Frames on which an object is not there."""

    object: ObjectName = Field(description="Which object.")
    frames: Range = Field(description="First and last frame, both included.")


class LockEntry(Entry):
    """Frames whose mattes are approved: never computed again."""

    object: ObjectName = Field(description="Whose mattes.")
    frames: Range = Field(description="First and last frame, both included.")
    mattes: MatteEntry = Field(
        description="Where they lie; the path has a place for the frame number."
    )


def _reach(value: object) -> object:
    if value == "all" or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise StmatteError(
        f"Reach {quoted(value)} is not possible",
        value=value,
        allowed='1 key on either side or more, or "all"',
    )


class SettingsEntry(Entry):
    """How mattes are made; everything here changes pixels."""

    model: Annotated[Text, Field(min_length=1)] = Field(
        default=Settings.model,
        description="Name of a network that ships, or path of a weights file: one with a "
        "slash, or with the ending of one.",
    )
    working_height: int = Field(
        default=Settings.working_height,
        description="Picture height in pixels that the network sees.",
        json_schema_extra={"minimum": 64},
    )
    memory_every: int = Field(
        default=Settings.memory_every,
        description="An own result becomes a lasting memory frame every so many frames; "
        "0 means never.",
        json_schema_extra={"minimum": 0},
    )
    device: str = Field(
        default=Settings.device,
        description="Where the network runs.",
        json_schema_extra={"enum": ["auto", "cpu", "cuda"]},
    )
    memory_frames: int = Field(
        default=Settings.memory_frames,
        description="How many lasting own results memory holds at most.",
        json_schema_extra={"minimum": 1},
    )
    reach: Annotated[
        int | Literal["all"],
        PlainValidator(
            _asking(_reach),
            json_schema_input_type=Annotated[int, Field(ge=1)] | Literal["all"],
        ),
    ] = Field(
        default=Settings.reach,
        description="How many keys on either side a frame listens to.",
    )

    colorspace: Text = Field(
        default=Settings.colorspace,
        description="Name of the plate's colour space in the OCIO config; left out, what the "
        "files say, else what is usual for their type.",
        examples=["ACEScg"],
    )
    layer: Text = Field(
        default=Settings.layer,
        description="Layer or channel of the plate that is looked at; left out, its colours.",
    )
    exposure: float | None = Field(
        default=Settings.exposure,
        description="Stops by which the network sees a plate brighter that is not "
        "display-referred; left out, they are measured once on the shot.",
        json_schema_extra={"examples": [1.5]},
    )
    edges: str = Field(
        default=Settings.edges,
        description="How mattes come to the plate's resolution.",
        json_schema_extra={"enum": list(get_args(Edges))},
    )
    focus: str = Field(
        default=Settings.focus,
        description="Whether the network looks at a small object through a window around it.",
        json_schema_extra={"enum": list(get_args(Focus))},
    )
    steady: bool = Field(
        default=Settings.steady,
        description="Whether mattes are steadied along the plate's motion.",
    )
    adapt: int = Field(
        default=Settings.adapt,
        description="How many steps a copy of the network learns on the shot's own keys before "
        "it makes mattes; 0 means none.",
        json_schema_extra={"minimum": 0, "maximum": MOST_STEPS},
    )
    adapt_on: tuple[Frame, ...] = Field(
        default=Settings.adapt_on,
        strict=False,  # JSON knows lists only; the frames in it are asked strictly
        description="Frames of the keys that it learns from; left out, those where objects are "
        "first shown. All mattes depend on these keys.",
    )
    precision: str = Field(
        default=Settings.precision,
        description="In which numbers the network computes: those of 16 bits are faster where "
        "the device has them, and memory takes half the room.",
        json_schema_extra={"enum": list(get_args(Precision))},
    )
    compile: bool = Field(
        default=Settings.compile,
        description="Whether the network is compiled for the machine first, which takes a minute.",
    )

    @field_validator("*")
    @classmethod
    def _fits(cls, value: Any, info: ValidationInfo) -> Any:
        """Ask the noun about one setting at a time, so that all refusals are heard."""
        _asking(Settings)(**{str(info.field_name): value})
        return value


class Document(Entry):
    """A shot of STMatte: a plate, what an artist said about its objects, and settings."""

    model_config = ConfigDict(title="STMatte shot, version 1")

    format: Literal["stmatte.shot/1"] = Field(description="Which format this is.")
    plate: Annotated[FilePath, Field(examples=["plate/plate.####.exr"])] = Field(
        description="A pattern, a folder, a first frame or a video file, relative to the "
        "document's folder."
    )
    frames: Range | None = Field(
        default=None,
        description="The frames to make mattes for; left out, every frame of the plate.",
    )
    objects: list[ObjectEntry] = Field(
        default=[], description="All objects; left out, those that the keys name, in their order."
    )
    keys: list[KeyEntry] = Field(description="One entry per object and frame.")
    absences: list[AbsenceEntry] = Field(default=[], description="Where objects are not there.")
    locks: list[LockEntry] = Field(default=[], description="What is approved.")
    cuts: list[Frame] = Field(
        default=[],
        description="First frames of new scenes: what is said on one side is not heard on "
        "the other.",
    )
    settings: SettingsEntry = SettingsEntry()
