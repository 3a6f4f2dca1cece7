# SPDX-License-Identifier: Apache-2.0
"""Every message of the protocol, as a model: what the client asks and what it is told.

These models are the protocol: they check what comes in and what goes out, and the schema
file and the page of documentation are made from them. They know shapes, not what is behind.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from stmatte.layout import Layout
from stmatte.service.ranges import PATTERN

PROTOCOL = 1

Frame = Annotated[int, Field(ge=-(2**31), le=2**31 - 1, description="a plate frame number")]
Count = Annotated[int, Field(ge=0)]
Pixels = Annotated[float, Field(allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
ShotName = Annotated[str, Field(description="as `shot/open` named it")]
JobName = Annotated[str, Field(description="as `job/start` named it")]
Digest = Annotated[str, Field(description="of all that the frame depends on")]
Ranges = Annotated[str, Field(pattern=PATTERN, description='frames, such as "1001-1020,1030"')]


class Message(BaseModel):
    """A part of the protocol: nothing is turned into another kind, nothing is ignored."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


# --- what the client asks -------------------------------------------------------------


class Client(Message):
    """Who is speaking; for the log."""

    name: str
    version: str


class Initialize(Message):
    """Agree on the protocol and learn what is installed. Has to come first."""

    protocol: int = Field(description="the version of this protocol that the client speaks: 1")
    client: Client | None = Field(default=None, description="who is speaking; for the log")


class ShotOpen(Message):
    """Open a shot. Nothing is computed yet."""

    document: dict[str, Any] = Field(description="a shot document, `stmatte.shot/1`")
    base: str = Field(description="the folder that relative paths are relative to")
    out: str = Field(
        description="pattern of the EXR files, such as `out/matte.####.exr`; `{object}` in it "
        "makes a file for every object"
    )
    name: str = Field(default="", description="the shot's, for `{shot}`; the plate's if empty")
    channels: str = Field(
        default=Layout.channels, description="their names; `object` stands for the object's name"
    )
    compression: str = Field(
        default=Layout.compression, description="`zips`, `zip`, `piz`, `none` or `dwaa:LEVEL`"
    )
    depth: str = Field(default=Layout.depth, description="`half` or `float`")
    uncertainty: bool = Field(default=True, description="a layer says where mattes are doubtful")
    raw_probabilities: bool = Field(default=False, description="probabilities instead of coverage")
    overwrite: bool = Field(default=False, description="write over what others wrote, too")
    skip_existing: bool = Field(default=False, description="leave all alone that is there, whole")
    cryptomatte: bool = Field(default=False, description="a Cryptomatte, too, in a file beside")
    skip_errors: bool = Field(default=False, description="pass over unreadable plate frames")


class ShotUpdate(Message):
    """Put a changed document in a shot's place.

    A job that runs goes on with the old document; a client usually cancels it, updates, and
    starts another.
    """

    shot: ShotName
    document: dict[str, Any] = Field(description="the whole document, not a difference")


class ShotPlan(Message):
    """Tell how the frames are cut into spans, what is stale and why, and what it will cost."""

    shot: ShotName


class ShotSuggest(Message):
    """Tell where a next key would help most. The network does not run: no frame may be stale."""

    shot: ShotName
    count: int = Field(default=5, ge=1, le=1000, description="how many frames to name at most")


class ShotClose(Message):
    """Forget a shot. Its jobs are cancelled; its files stay."""

    shot: ShotName


class JobStart(Message):
    """Begin to bring files up to date. Jobs work one at a time, in the order of their start."""

    shot: ShotName
    frames: str | None = Field(default=None, description='such as "1001-1020"; all if left out')
    first: Frame | None = Field(default=None, description="the frame that is wanted first")


class OutlineStart(Message):
    """Begin to fit Bézier splines to mattes that exist, as a job like others.

    The file is there when `job/done` says "done"; `job/progress` counts mattes that were read,
    with the outline's file, an empty digest and an empty `shot`.
    """

    mattes: str = Field(
        description="pattern, folder or file of mattes; `{object}` in it is the object's name"
    )
    object: str = Field(description="whose")
    out: str = Field(description="the JSON file to write, `stmatte.outline/1`")
    frames: str | None = Field(default=None, description='such as "1001-1020"; all if left out')
    tolerance: Pixels = Field(default=1.0, description="pixels that splines may be off")
    inset: Pixels = Field(default=0.0, description="pixels that they lie within the object")


class JobCancel(Message):
    """End a job. It stops within one frame; a job that is over already is no error."""

    job: JobName


class FrameMatte(Message):
    """Tell how a frame stands and where its file is, without computing anything."""

    shot: ShotName
    frame: Frame


class Shutdown(Message):
    """End the engine: what runs is cancelled, and the process exits with 0."""


# --- what the client is answered ------------------------------------------------------


class ModelName(Message):
    """A network that a shot's settings may name, and whether its weights ship with STMatte."""

    name: str
    ships: bool


class Store(Message):
    """Where computed frames are kept, and how many bytes that may take; 0 = no limit."""

    path: str
    limit: Count


class Initialized(Message):
    """Who answers, and what is installed."""

    name: Literal["stmatte"]
    version: str
    protocol: Literal[1]
    models: list[ModelName]
    devices: list[str] = Field(description='"cpu", and "cuda" where there is one')
    store: Store


class Stale(Message):
    """What is not up to date: frames whose file is not, and per object those to compute."""

    frames: Ranges
    objects: dict[str, Ranges]


class View(Message):
    """How the network sees the plate."""

    colorspace: str = Field(description="the plate's colour space in the OCIO config")
    why: str = Field(description="how that is known, as the end of a sentence")
    exposure: float = Field(
        description="stops brighter; record it in the settings, so that it stays whatever "
        "frames the shot gets"
    )


class ShotOpened(Message):
    """The shot's name in all that follows, and how it stands."""

    shot: str = Field(description="such as `s1`")
    frames: Ranges
    objects: list[str] = Field(description="names, in the document's order")
    view: View
    stale: Stale
    notes: list[str] = Field(description="sentences that a person should read")


class ShotUpdated(Message):
    """How the shot stands with its new document."""

    shot: ShotName
    stale: Stale
    notes: list[str] = Field(description="sentences that a person should read")


class SpanPlan(Message):
    """A span of one object."""

    object: str
    frames: Ranges
    keys: list[Frame] = Field(description="frames of the keys that it listens to")
    stale: Ranges
    why: str = Field(description="why something is stale; empty where nothing is")


class ForecastPlan(Message):
    """What is left to do; null where it cannot be told."""

    frames: Count
    seconds: Seconds | None
    bytes: Count | None = Field(description="of memory")


class ShotPlanned(Message):
    """The plan."""

    spans: list[SpanPlan]
    forecast: ForecastPlan


class AdvicePlan(Message):
    """Key this object on this frame; as if the advice before it were followed already."""

    frame: Frame
    object: str
    gain: Share = Field(description="share of all expected error that this key takes away")
    reasons: list[str] = Field(description="why, in sentences without their full stop")


class ShotSuggested(Message):
    """Frames where a next key would help most, the best first; none where nothing is doubtful."""

    advice: list[AdvicePlan]


class JobStarted(Message):
    """The job's name in all that follows."""

    job: str = Field(description="such as `j1`")


class MatteFound(Message):
    """How a frame stands."""

    frame: Frame
    digest: Digest
    file: str | None = Field(description="what lies at its place, fresh or stale; the first one")
    files: list[str] = Field(description="all that lie at its places")
    fresh: bool = Field(description="whether these files are up to date")
    uncertainty: dict[str, Share] | None = Field(
        description="object -> how doubtful its matte is; null where that is not known"
    )


class Nothing(Message):
    """An empty object: it is done."""


# --- what the client is told without asking -------------------------------------------


class ErrorData(Message):
    """An error's parts, for programs."""

    what: str
    allowed: str
    repair: str
    problems: list[str] = Field(
        default_factory=list, description="sentences; left out where there is only one"
    )


class Error(Message):
    """Why something was not done."""

    code: int
    message: str = Field(description="the whole sentence, to be shown to a person")
    data: ErrorData


class JobProgress(Message):
    """A frame is done."""

    job: JobName
    shot: ShotName
    frame: Frame
    done: Count = Field(description="frames of the job that are done, this one counted")
    frames: Count = Field(description="frames that the job wants")
    digest: Digest
    file: str = Field(description="its EXR, whole; the first one")
    files: list[str] = Field(description="all its EXRs")
    fresh: bool = Field(description="the file was there already, nothing was computed")
    uncertainty: dict[str, Share] = Field(description="object -> how doubtful its matte is")
    seconds: Seconds = Field(description="since the first frame was begun")


class JobLearning(Message):
    """The network learnt a step on the shot's keys; frames come when it learnt them all."""

    job: JobName
    shot: ShotName
    step: Count = Field(description="steps that it learnt, this one counted")
    steps: Count = Field(description="steps that it learns")


class JobDone(Message):
    """A job is over. Told exactly once for every job."""

    job: JobName
    shot: ShotName
    outcome: Literal["done", "cancelled", "failed"]
    done: Count = Field(description="frames whose file is up to date now")
    frames: Count = Field(description="frames that the job wanted")
    skipped: dict[str, str] = Field(description="frame -> why it was passed over")
    error: Error | None = Field(description="why it failed, else null")


class EngineLog(Message):
    """Something that a person may want to know."""

    level: Literal["debug", "info", "warning", "error"]
    message: str


REQUESTS: dict[str, tuple[type[Message], type[Message]]] = {
    "initialize": (Initialize, Initialized),
    "shot/open": (ShotOpen, ShotOpened),
    "shot/update": (ShotUpdate, ShotUpdated),
    "shot/plan": (ShotPlan, ShotPlanned),
    "shot/suggest": (ShotSuggest, ShotSuggested),
    "shot/close": (ShotClose, Nothing),
    "job/start": (JobStart, JobStarted),
    "outline/start": (OutlineStart, JobStarted),
    "job/cancel": (JobCancel, Nothing),
    "frame/matte": (FrameMatte, MatteFound),
    "shutdown": (Shutdown, Nothing),
}
"""Method -> (its parameters, its answer)."""

NOTICES: dict[str, type[Message]] = {
    "job/progress": JobProgress,
    "job/learning": JobLearning,
    "job/done": JobDone,
    "engine/log": EngineLog,
}
"""What the engine sends unasked: method -> its parameters."""
