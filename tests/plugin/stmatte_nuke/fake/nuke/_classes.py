# SPDX-License-Identifier: Apache-2.0
"""The stock classes that are replayed: their knobs, by the scans of real Nukes, and their inputs.

Only the knobs that somebody may need are here; each is a type, a name and a default. A knob that
is missing here is refused, as a knob that doesn't exist would be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from . import _choice_knobs as choice
from . import _flags
from . import _number_knobs as number
from . import _text_knobs as text
from ._format import Format_Knob
from ._knob import Knob
from ._seat import seat

COLORSPACES = (
    "default", "linear", "scene_linear", "raw", "sRGB", "rec709", "Cineon", "Gamma2.2",
    "AlexaV3LogC", "SLog3", "ACES - ACEScg", "ACES - ACES2065-1", "Output - sRGB",
)  # fmt: skip
_BLENDS = ("atop", "copy", "from", "in", "mask", "matte", "max", "min", "minus", "multiply",
           "out", "over", "plus", "screen", "stencil", "under", "xor")  # fmt: skip
_FILTERS = ("impulse", "cubic", "Keys", "Simon", "Rifman", "Mitchell", "Parzen", "Notch")
_FILTERED = ("keys and values", "keys only", "values only")
_EDGES = ("hold", "loop", "bounce", "black")
_COMPRESSIONS = ("none", "Zip (1 scanline)", "Zip (16 scanlines)", "PIZ Wavelet (32 scanlines)",
                 "RLE", "B44", "B44A", "DWAA", "DWAB")  # fmt: skip

Line = tuple[Any, ...]  # (kind, name, default, items)
Lines = tuple[Line, ...]


@dataclass(frozen=True)
class StockClass:
    """A class: least and most inputs, knobs, and how many of the inputs are wanted at first."""

    least: int
    most: int
    knobs: Lines
    mask: bool = False


_KINDS: dict[str, Callable[..., Knob]] = {
    "string": text.EvalString_Knob,
    "plain": text.String_Knob,
    "multiline": text.Multiline_Eval_String_Knob,
    "file": text.File_Knob,
    "python": text.PythonKnob,
    "button": text.PyScript_Knob,
    "text": text.Text_Knob,
    "int": number.Int_Knob,
    "double": number.Double_Knob,
    "bool": number.Boolean_Knob,
    "disable": number.Disable_Knob,
    "xy": number.XY_Knob,
    "wh": number.WH_Knob,
    "scale": number.Scale_Knob,
    "box": number.BBox_Knob,
    "color": number.AColor_Knob,
    "rgb": number.Color_Knob,
    "enum": choice.Enumeration_Knob,
    "colorspace": choice.CascadingEnumeration_Knob,
    "channel": choice.Channel_Knob,
    "channels": choice.ChannelMask_Knob,
    "views": choice.MultiView_Knob,
    "format": Format_Knob,
}

_EVERY: Lines = (
    ("string", "name", ""), ("multiline", "label", ""), ("int", "xpos", 0), ("int", "ypos", 0),
    ("bool", "selected", False), ("bool", "hide_input", False), ("bool", "cached", False),
    ("bool", "dope_sheet", False), ("bool", "postage_stamp", False), ("bool", "bookmark", False),
    ("int", "tile_color", 0), ("int", "gl_color", 0), ("string", "icon", ""),
    ("int", "note_font_color", 0), ("int", "note_font_size", 11), ("string", "note_font", ""),
    ("double", "lifetimeStart", 0), ("double", "lifetimeEnd", 0), ("bool", "useLifetime", False),
    ("python", "onCreate", ""), ("python", "onDestroy", ""), ("python", "knobChanged", ""),
    ("python", "updateUI", ""), ("python", "autolabel", ""), ("plain", "help", ""),
    ("int", "indicators", 0),
)  # fmt: skip
_OFF: Lines = (("disable", "disable", False),)
_MIX: Lines = (("double", "mix", 1), ("channels", "maskChannelInput", "none"))
_RANGE: Lines = (("int", "first", 1), ("int", "last", 1))
_READ: Lines = (
    ("file", "file", ""), ("string", "file_type", ""), *_RANGE,
    ("enum", "before", "hold", _EDGES), ("enum", "after", "hold", _EDGES),
    ("int", "origfirst", 1), ("int", "origlast", 1), ("bool", "origset", False),
    ("enum", "on_error", "error", ("error", "black", "checkerboard", "nearest frame")),
    ("enum", "frame_mode", "expression", ("expression", "start at", "offset")),
    ("string", "frame", ""), ("bool", "raw", False), ("colorspace", "colorspace", "default", COLORSPACES),
    ("bool", "auto_alpha", False), ("bool", "premultiplied", False), ("file", "proxy", ""),
    ("enum", "localizationPolicy", "fromAutoLocalizePath", ("on", "fromAutoLocalizePath", "onDemand", "off")),
    ("button", "reload", ""), ("int", "version", 0), ("format", "format", None),
)  # fmt: skip
_WRITE: Lines = (
    ("file", "file", ""), ("enum", "file_type", "", ("", "exr", "jpeg", "png", "tiff", "dpx")),
    ("channels", "channels", "rgb"), ("enum", "datatype", "16 bit half", ("16 bit half", "32 bit float")),
    ("enum", "compression", "Zip (1 scanline)", _COMPRESSIONS), ("bool", "raw", False),
    ("colorspace", "colorspace", "default", COLORSPACES), ("bool", "create_directories", False),
    ("enum", "metadata", "default metadata", ("no metadata", "default metadata",
     "default metadata and exr/*", "all metadata except input/*", "all metadata")),
    ("string", "first_part", "rgba"), ("bool", "write_full_layer_names", False),
    ("bool", "use_limit", False), *_RANGE, ("bool", "autocrop", False), ("bool", "checkHashOnRead", False),
    ("bool", "reading", False), ("views", "views", "main"),
    ("python", "beforeRender", ""), ("python", "afterRender", ""),
    ("python", "beforeFrameRender", ""), ("python", "afterFrameRender", ""), ("button", "Render", ""),
)  # fmt: skip
_ROTO: Lines = (
    ("curves", "curves", None), ("channels", "output", "alpha"), ("channels", "channels", "alpha"),
    ("format", "format", None), ("bool", "replace", False), ("double", "opacity", 1), *_MIX,
    ("enum", "premultiply", "none", ("none", "rgba", "alpha")),
    ("enum", "cliptype", "format", ("no clip", "bbox", "format", "union", "intersect")),
)  # fmt: skip
_COPY: Lines = tuple(
    line
    for pair in range(4)
    for line in (
        ("channel", f"from{pair}", "rgba.alpha" if pair == 0 else "none"),
        ("channel", f"to{pair}", "rgba.alpha" if pair == 0 else "none"),
    )
)
_REFORMAT: Lines = (
    ("enum", "type", "to format", ("to format", "to box", "scale")), ("format", "format", None),
    ("int", "box_width", 200), ("int", "box_height", 200), ("bool", "box_fixed", False),
    ("double", "box_pixel_aspect", 1), ("scale", "scale", 1),
    ("enum", "resize", "width", ("none", "width", "height", "fit", "fill", "distort")),
    ("bool", "center", True), ("bool", "flip", False), ("bool", "flop", False), ("bool", "turn", False),
    ("enum", "filter", "cubic", _FILTERS), ("bool", "clamp", False), ("bool", "black_outside", False),
    ("bool", "pbb", False),
)  # fmt: skip
_TRANSFORM: Lines = (
    ("xy", "translate", 0), ("double", "rotate", 0), ("scale", "scale", 1), ("double", "skewX", 0),
    ("double", "skewY", 0), ("xy", "center", 0), ("bool", "invert_matrix", False),
    ("enum", "filter", "cubic", _FILTERS), ("bool", "clamp", False), ("bool", "black_outside", True),
    ("double", "motionblur", 0), ("double", "shutter", 0.5),
)  # fmt: skip
_GRADE: Lines = (
    ("channels", "channels", "rgb"), ("color", "blackpoint", 0), ("color", "whitepoint", 1),
    ("color", "black", 0), ("color", "white", 1), ("color", "multiply", 1), ("color", "add", 0),
    ("color", "gamma", 1), ("bool", "reverse", False), ("bool", "black_clamp", True),
    ("bool", "white_clamp", False), ("channel", "unpremult", "none"), *_MIX,
)  # fmt: skip
_SHUFFLE2: Lines = (
    ("plain", "fromInput1", ""), ("channel", "in1", "rgba"), ("plain", "fromInput2", ""),
    ("channel", "in2", "none"), ("channel", "out1", "rgba"), ("channel", "out2", "none"),
    ("raw", "mappings", ""),
)  # fmt: skip
_SHUFFLE: Lines = tuple(
    (
        "enum",
        name,
        name,
        ("black", "white", "red", "green", "blue", "alpha", "red2", "green2", "blue2", "alpha2"),
    )
    for name in ("red", "green", "blue", "alpha")
)
_EXPRESSION: Lines = tuple(
    line
    for i in range(4)
    for line in (("string", f"expr{i}", ""), ("channels", f"channel{i}", "none"))
) + tuple(
    line
    for i in range(4)
    for line in (("plain", f"temp_name{i}", ""), ("string", f"temp_expr{i}", ""))
)

STOCK: dict[str, StockClass] = {
    "Read": StockClass(0, 0, _READ),
    "Write": StockClass(1, 1, _WRITE),
    "Roto": StockClass(1, 2, _ROTO, mask=True),
    "RotoPaint": StockClass(1, 5, _ROTO, mask=True),
    "Dot": StockClass(1, 1, ()),
    "NoOp": StockClass(1, 1, ()),
    "Grade": StockClass(1, 2, _GRADE, mask=True),
    "Multiply": StockClass(1, 2, (("channels", "channels", "all"), ("color", "value", 1), *_MIX), mask=True),
    "Invert": StockClass(1, 2, (("channels", "channels", "all"), *_MIX), mask=True),
    "Clamp": StockClass(1, 2, (("channels", "channels", "all"), ("double", "minimum", 0), ("double", "maximum", 1)), mask=True),
    "Transform": StockClass(1, 1, _TRANSFORM),
    "Copy": StockClass(2, 3, (*_COPY, ("channels", "channels", "none"), ("bool", "bbox", False), *_MIX), mask=True),
    "ChannelMerge": StockClass(2, 3, (("channel", "A", "rgba.alpha"), ("channel", "B", "rgba.alpha"), ("channel", "output", "rgba.alpha"), ("enum", "operation", "union", ("union", *_BLENDS)), *_MIX), mask=True),
    "Shuffle": StockClass(1, 2, (("channel", "in", "rgba"), ("channel", "in2", "none"), ("channel", "out", "rgba"), ("channel", "out2", "none"), *_SHUFFLE)),
    "Shuffle2": StockClass(1, 2, _SHUFFLE2),
    "Remove": StockClass(1, 1, (("enum", "operation", "remove", ("remove", "keep")), ("channels", "channels", "all"), ("channels", "channels2", "none"), ("channels", "channels3", "none"), ("channels", "channels4", "none"))),
    "AddChannels": StockClass(1, 1, (("channels", "channels", "none"), ("channels", "channels2", "none"), ("color", "color", 0), ("bool", "format_size", True))),
    "Reformat": StockClass(1, 1, _REFORMAT),
    "Crop": StockClass(1, 1, (("box", "box", 0), ("double", "softness", 0), ("bool", "reformat", False), ("bool", "intersect", False), ("bool", "crop", True))),
    "Merge2": StockClass(2, 100, (("enum", "operation", "over", _BLENDS), ("channels", "Achannels", "rgba"), ("channels", "Bchannels", "rgba"), ("channels", "output", "rgba"), ("channels", "also_merge", "none"), ("enum", "bbox", "union", ("union", "intersection", "A", "B")), ("enum", "metainput", "B", ("B", "A", "All")), *_MIX), mask=True),
    "Keymix": StockClass(2, 3, (("channels", "channels", "all"), ("channel", "maskChannel", "rgba.alpha"), ("bool", "invertMask", False), ("double", "mix", 1))),
    "Dissolve": StockClass(2, 100, (("double", "which", 0), ("channels", "channels", "all"))),
    "Switch": StockClass(2, 100, (("double", "which", 0),)),
    "Constant": StockClass(0, 1, (("channels", "channels", "rgb"), ("color", "color", 0), ("format", "format", None), *_RANGE)),
    "CheckerBoard2": StockClass(0, 1, (("format", "format", None), *_RANGE)),
    "Premult": StockClass(1, 1, (("channels", "channels", "rgb"), ("channel", "alpha", "rgba.alpha"))),
    "Unpremult": StockClass(1, 1, (("channels", "channels", "rgb"), ("channel", "alpha", "rgba.alpha"))),
    "Saturation": StockClass(1, 2, (("channels", "channels", "rgb"), ("double", "saturation", 1), *_MIX), mask=True),
    "Blur": StockClass(1, 2, (("channels", "channels", "all"), ("wh", "size", 0), *_MIX), mask=True),
    "FilterErode": StockClass(1, 2, (("channels", "channels", "all"), ("wh", "size", 0), *_MIX), mask=True),
    "Expression": StockClass(1, 2, _EXPRESSION, mask=True),
    "CopyMetaData": StockClass(2, 2, (("enum", "mergeMode", "Image+Meta", ("Image+Meta", "Meta only", "Meta+Image", "Image only")), ("string", "metadatafilter", ""), ("enum", "metadatafilterMode", "keys only", _FILTERED), ("string", "imageMetadatafilter", ""), ("enum", "imageMetadatafilterMode", "keys only", _FILTERED))),
    "ModifyMetaData": StockClass(1, 1, (("raw", "metadata", ""),)),
    "TimeOffset": StockClass(1, 1, (("int", "time_offset", 0), ("bool", "reverse_input", False))),
    "FrameHold": StockClass(1, 1, (("int", "firstFrame", 0), ("int", "increment", 0))),
    "Retime": StockClass(1, 1, (("bool", "reverse", False), ("double", "speed", 1), ("int", "input.first", 1), ("int", "input.last", 1))),
    "FrameRange": StockClass(1, 1, (("int", "first_frame", 1), ("int", "last_frame", 1))),
    "OCIOColorSpace": StockClass(1, 1, (("channels", "channels", "rgb"), ("colorspace", "in_colorspace", "default", COLORSPACES), ("colorspace", "out_colorspace", "default", COLORSPACES))),
    "Colorspace": StockClass(1, 1, (("channels", "channels", "rgb"), ("colorspace", "colorspace_in", "linear", COLORSPACES), ("colorspace", "colorspace_out", "linear", COLORSPACES))),
    "OneView": StockClass(1, 1, (("enum", "view", None, None),)),
    "JoinViews": StockClass(1, 100, ()),
    "Cryptomatte": StockClass(1, 1, (("string", "matteList", ""), ("channel", "matteOutput", "rgba.alpha"))),
    "Viewer": StockClass(0, 10, (("int", "input_number", 0), ("bool", "input_process", True))),
    "BackdropNode": StockClass(0, 0, (("double", "bdwidth", 80), ("double", "bdheight", 80))),
    "StickyNote": StockClass(0, 0, ()),
    "Input": StockClass(0, 1, (("int", "number", 0),)),
    "Output": StockClass(1, 1, ()),
    "Group": StockClass(0, 0, (("bool", "lock_connections", False),)),
}  # fmt: skip

ROOT: Lines = (
    ("file", "name", ""), ("string", "project_directory", ""), ("int", "first_frame", 1),
    ("int", "last_frame", 100), ("bool", "lock_range", False), ("double", "frame", 1), ("double", "fps", 24),
    ("format", "format", None), ("bool", "proxy", False), ("enum", "proxy_type", "scale", ("scale", "format")),
    ("double", "proxy_scale", 0.5), ("format", "proxy_format", None), ("raw", "views", ""),
    ("enum", "colorManagement", "Nuke", ("Nuke", "OCIO")), ("enum", "OCIO_config", "nuke-default",
     ("nuke-default", "aces_1.2", "custom")), ("colorspace", "workingSpaceLUT", "linear", COLORSPACES),
    ("string", "onScriptLoad", ""), ("multiline", "label", ""), ("python", "onCreate", ""),
    ("python", "knobChanged", ""),
)  # fmt: skip


def knobs_of(name: str) -> Iterator[tuple[str, Knob]]:
    """Yield fresh knobs of a stock class, or of the root where `name` is "Root"."""
    off = (
        () if name in ("Root", "Input", "Output", "Viewer", "BackdropNode", "StickyNote") else _OFF
    )
    lines = ROOT if name == "Root" else (*STOCK[name].knobs, *_EVERY, *off)
    for line in lines:
        yield line[1], _made(*line)


def _made(kind: str, name: str, default: object, items: tuple[str, ...] | None = ()) -> Knob:
    if kind == "curves":
        from ._roto_knob import CurveKnob

        return CurveKnob(name)
    if kind == "raw":
        from ._knob import Obsolete_Knob

        return Obsolete_Knob(name)
    if kind in ("enum", "colorspace"):
        # Where no items are said, they are the script's views.
        knob = _KINDS[kind](name, None, tuple(seat().views) if items is None else items)
    else:
        knob = _KINDS[kind](name)
    if default is not None:
        _give(knob, default)
    knob._default = knob._state()
    if name in ("selected",):
        knob._flags |= _flags.NO_ANIMATION
    return knob


def _give(knob: Knob, default: object) -> None:
    if isinstance(knob, choice.Enumeration_Knob):
        knob._channels[0].constant = float(knob._items.index(str(default)))
    elif isinstance(knob, number.Array_Knob):
        for channel in knob._channels:
            channel.constant = float(default)  # type: ignore[arg-type]
    else:
        knob._restore(default)
