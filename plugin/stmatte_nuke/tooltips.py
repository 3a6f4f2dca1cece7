# SPDX-License-Identifier: Apache-2.0
"""What each knob says when the pointer rests on it: what it does, its unit, when to touch it.

Written for roto artists and compositors, in Nuke's words. Pure.
"""

from __future__ import annotations

_TIPS = {
    "propagate": (
        "Make a matte for every frame of the range from the frames that you keyed. Frames whose "
        "mattes are up to date are left as they are: after a correction only the frames that "
        "listen to it are made again. The frame that you look at comes first.\n\n"
        "You can go on working while it runs."
    ),
    "propagate_span": (
        "Make mattes only between the key before and the key after the current frame, of "
        "whichever object they are. The quick way to judge a correction."
    ),
    "cancel": (
        "Stop making mattes. Every frame that is finished stays; Propagate goes on from there."
    ),
    "status": "What the node is doing, or what it needs from you.",
    "forecast": "How many frames a press of Propagate would make, and about how long it takes.",
    "strip": (
        "The range of the object chosen below, frame by frame: keyed, fresh, stale (to be made "
        "again), absent, locked, doubtful."
    ),
    "notes": "What the last press noticed: keys it could not use, where the plate came from.",
    "object": (
        "Which object is in the alpha of the output. The buttons for keys, Propagate this span "
        "and Matte to Roto mean this object too. All objects are in the stream whatever is "
        "chosen here, each as a layer of its name: hero.alpha."
    ),
    "show": (
        "What comes out of the node.\n"
        "plate with mattes: the plate as it went in, with the object in alpha and every object "
        "in its own layer. For work.\n"
        "matte: the object in red, green, blue and alpha.\n"
        "premultiplied plate: the plate multiplied by the object's matte.\n"
        "overlay: the plate with the object tinted, to check edges while it plays."
    ),
    "tint": "Colour of the overlay.",
    "find_objects": (
        "Fill the table from what is connected: one object for each layer, and for each shape "
        "outside a layer, of the Roto or RotoPaint node at the roto input. Any other node there "
        "is one object, its alpha. Objects that you have already stay as they are."
    ),
    "object_on": (
        "Make mattes for this object. Off leaves it out of the mattes and of the stream from the "
        "next Propagate on; its keys stay, and switched on again it comes back without being "
        "made again."
    ),
    "object_name": (
        "Name of the object, and of the layer that carries its matte: hero becomes hero.alpha. "
        "A letter first, then letters, digits and underscores; each name once. Empty the name "
        "to remove the object."
    ),
    "object_source": (
        "Where the keys of this object come from.\n"
        "Empty or roto: the alpha of the roto input.\n"
        "shape hero: the shape or layer of that name in the Roto, alone. A shape in a layer: "
        "shape body/arm.\n"
        "channel hero.alpha: that channel of the roto input.\n"
        "matte1 to matte4: the alpha of that input, for mattes that are already made.\n"
        "matte1 channel hero.red: a channel of it."
    ),
    "key_list": (
        "Frames of the chosen object that are keys. They are found by themselves where the "
        "Roto's shapes, their transforms, or knobs of a node above are animated."
    ),
    "mark_frames": (
        "Which frames the buttons below mean: 1030-1044, or 1001, 1010-1012. Empty is the "
        "current frame."
    ),
    "key_here": (
        "Take the drawn matte as a key on these frames though no keyframe was found there: for "
        "a shape that fits without one, or a matte that is not animated."
    ),
    "drop_key_here": (
        "Do not use the keyframe on these frames, and leave it in the Roto: for an in-between "
        "that does not fit the picture."
    ),
    "absent_here": (
        "The object is not in the picture on these frames: its matte is black there, and what "
        "is before is not carried across."
    ),
    "lock_here": (
        "Keep the mattes of these frames exactly as they are now, whatever is keyed later: for "
        "frames that are approved."
    ),
    "clear_marks": "Take back all that you said of these frames for the chosen object.",
    "next_key": (
        "Go to the frame where a key would help most, and say why: where the matte is in doubt, "
        "or at an extreme of the motion."
    ),
    "advice": "Where a key would help most, and why.",
    "model": (
        "The network that makes the mattes. stmatte-s is the one to use; label-propagation is "
        "quick and rough, for a first look on a slow machine."
    ),
    "working_height": (
        "Height in pixels of the picture that the network sees. 0 is the usual, 480. More "
        "(576, 720) finds thin and small things and takes more time and memory. Mattes always "
        "have the plate's full size."
    ),
    "reach": (
        "How many keys on either side a frame listens to. 1: a correction changes nothing "
        "beyond the neighbouring keys. More is steadier where keys disagree, and a correction "
        "changes more frames; with all, every frame."
    ),
    "edges": (
        "How the matte comes to the plate's full size.\n"
        "guided: it follows the plate's edges.\n"
        "off: it is only scaled; for a plate with heavy grain, or for a matte softer than the "
        "plate.\n"
        "matting: alpha is estimated around edges, for hair and blur. Slow; the engine needs "
        "its matting extra."
    ),
    "focus": (
        "auto: look at a small object through a window that follows it, so that it has more "
        "pixels. For objects lower than about a quarter of the picture; takes more time."
    ),
    "steady": (
        "Take back small trembling of edges along the plate's motion. Try it when a matte is "
        "right on every frame and still chatters in playback."
    ),
    "adapt": (
        "How many steps a copy of the network learns on the keys where each object is first "
        "keyed, before it propagates; 0 is off. A step takes as long as three or four frames. "
        "Try 80 when mattes lose an object and a further key is no choice."
    ),
    "precision": (
        "Numbers that the network computes in. bfloat16 is for NVIDIA GPUs from Ampere on, "
        "float16 for older ones; a CPU gains little. Mattes differ in the last places, so "
        "changing it makes all of them anew."
    ),
    "range": (
        "Which frames get mattes.\n"
        "plate: those of the plate. project: the script's. custom: first to last below."
    ),
    "first": "First frame with a matte. Frame numbers are the plate's: 1001 stays 1001.",
    "last": "Last frame with a matte.",
    "plate_from": (
        "automatic: when a plain Read is connected, the engine reads its files; otherwise the "
        "picture at the plate input is written out once, so that retimes, grades and undistorts "
        "above the node count.\n"
        "what is connected: always write the picture out."
    ),
    "colorspace": (
        "The plate's colour space as the engine's OCIO config calls it, ACEScg for one. Empty: "
        "as Nuke says. Touch it when the plate looks much too dark or bright to the engine."
    ),
    "view": "Which view of a stereo script is the plate. Empty: the only one, or the first.",
    "out": (
        "Where the mattes go: one EXR a frame with all objects. #### or %04d is the frame, %V "
        "the view. The script's folder is [file dirname [value root.name]], so that the mattes "
        "move with the project. Raise a version here as you would in a Write."
    ),
    "uncertainty": (
        "Also write where the matte is in doubt, 0 to 1; in the stream it is uncertainty.alpha."
    ),
    "cryptomatte": (
        "Also write the mattes as a Cryptomatte, in files beside, and pass it on: connect a "
        "Cryptomatte node below, and pick objects by name. At most six objects in a pixel."
    ),
    "refresh": (
        "Read the mattes from disk again, and look which are fresh: after somebody else, or a "
        "farm, made them."
    ),
    "tolerance": (
        "How far the shape may lie from the matte's edge, in pixels of the plate. Less makes "
        "more points and more keyframes."
    ),
    "to_roto": (
        "Make a Roto node whose shapes follow the mattes of the chosen object over the range, "
        "to be corrected by hand. The mattes and this node stay."
    ),
    "marks": (
        "All that you said of frames, one line each; the buttons write it, and you may:\n"
        "hero: key 1010, 1030\n"
        "hero: no key 1001\n"
        "hero: absent 1030-1044\n"
        "hero: locked 1001-1020"
    ),
    "engine": (
        "How STMatte's engine is started: the program's path, or its words as a JSON list: "
        '["stmatte", "serve"]. Empty: what the environment variable STMATTE_ENGINE says, '
        "else the program stmatte. Touch it when the engine is not found."
    ),
    "engine_state": "Which engine answers, and on what it computes.",
    "update_node": (
        "Replace this node by one of the STMatte that is installed now. Values, connections, "
        "name and mattes stay; one undo takes it back."
    ),
}


def of(name: str) -> str:
    """Return the tooltip of a knob.

    Raises KeyError if it has none: a knob that an artist sees must say what it is.
    """
    return _TIPS[name]
