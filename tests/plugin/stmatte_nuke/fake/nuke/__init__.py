# SPDX-License-Identifier: Apache-2.0
"""A Nuke that is none: names of Nuke's Python, with the quirks that were measured.

It runs nothing but Python's own library, on 3.9 and later. Where it isn't known what Nuke does,
it does the strictest thing, mostly a refusal. What a test wants of it beyond Nuke's own names is
in the module `seat`, beside this package.
"""

from __future__ import annotations

from typing import Any

from ._animation import AnimationCurve, AnimationKey
from ._callbacks import (
    addKnobChanged,
    addOnCreate,
    addOnScriptClose,
    addOnScriptLoad,
    addOnScriptSave,
    removeOnScriptClose,
)
from ._choice_knobs import (
    CascadingEnumeration_Knob,
    Channel_Knob,
    ChannelMask_Knob,
    EditableEnumeration_Knob,
    Enumeration_Knob,
    Link_Knob,
    MultiView_Knob,
    Pulldown_Knob,
)
from ._execute import execute, executing, tcl
from ._flags import (
    CONSTANT,
    DISABLED,
    DO_NOT_WRITE,
    ENDLINE,
    EXPRESSIONS,
    HIDDEN_INPUTS,
    INPUTS,
    INVISIBLE,
    LINEAR,
    LINKINPUTS,
    NO_ANIMATION,
    NODIR,
    REPLACE,
    SMOOTH,
    STARTLINE,
    TO_SCRIPT,
    TO_VALUE,
    WRITE_ALL,
    WRITE_NON_DEFAULT_ONLY,
    WRITE_USER_KNOB_DEFS,
)
from ._format import Format, Format_Knob
from ._frames import FrameRange, FrameRanges
from ._group import Gizmo, Group, Root
from ._knob import Knob, Obsolete_Knob
from ._making import NodeConstructor, Nodes, createNode, delete
from ._menus import Menu, MenuItem, menu
from ._nk_files import (
    nodeCopy,
    nodeDelete,
    nodePaste,
    pluginAddPath,
    pluginPath,
    scriptClear,
    scriptClose,
    scriptOpen,
    scriptReadFile,
    scriptReadText,
    scriptSave,
    scriptSaveAs,
)
from ._node import Node
from ._number_knobs import (
    AColor_Knob,
    Array_Knob,
    BBox_Knob,
    Boolean_Knob,
    Color_Knob,
    Disable_Knob,
    Double_Knob,
    Int_Knob,
    Scale_Knob,
    Unsigned_Knob,
    UV_Knob,
    WH_Knob,
    XY_Knob,
)
from ._script import (
    Layer,
    addFormat,
    allNodes,
    channels,
    exists,
    expression,
    filename,
    formats,
    frame,
    invertSelection,
    knobDefault,
    layers,
    modified,
    nodesSelected,
    root,
    scriptName,
    selectAll,
    selectedNode,
    selectedNodes,
    thisClass,
    thisGroup,
    thisKnob,
    thisNode,
    thisParent,
    thisRoot,
    thisView,
    toNode,
    value,
    views,
)
from ._talk import (
    CancelledError,
    GlobalsEnvironment,
    ProgressTask,
    Undo,
    ask,
    debug,
    error,
    message,
    redo,
    tprint,
    undo,
    warning,
)
from ._text_knobs import (
    EvalString_Knob,
    File_Knob,
    Multiline_Eval_String_Knob,
    PyScript_Knob,
    PythonKnob,
    Script_Knob,
    String_Knob,
    Tab_Knob,
    Text_Knob,
)
from ._threads import executeInMainThread, executeInMainThreadWithResult

nodes = Nodes()
env = GlobalsEnvironment()
untitled = "Untitled"
NUKE_VERSION_MAJOR, NUKE_VERSION_MINOR, NUKE_VERSION_RELEASE = 15, 1, 4
NUKE_VERSION_STRING = "15.1v4"


def __getattr__(name: str) -> Any:
    """Give what depends on how this Nuke was started."""
    from ._seat import seat

    if name in ("GUI", "INTERACTIVE"):
        return seat().gui
    if name == "rawArgs":
        return list(seat().raw_args)
    raise AttributeError(f"module 'nuke' has no attribute {name!r} (unknown to the fake)")
