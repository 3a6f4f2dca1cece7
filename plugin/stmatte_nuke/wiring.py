# SPDX-License-Identifier: Apache-2.0
"""What is inside an STMatte group: the one description of its nodes and how they hang together.

Stock classes alone, and nothing that computes: files are read, channels are copied, a switch
chooses. The file of the gizmo is written from this, and a node in a script is brought to it.
Pure.

    plate ── Carry1… (Mattes) ── CarryCrypto1… and Metadata (CryptoFiles)
          └─ Pick1… (Mattes): each object in alpha ── Chosen ─┬───────────────┐
                                                              ├ Matte         │
                                                              ├ Premultiplied ├ Show ── Output1
                                                              └ Overlay       │
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .tcl import expression

MATTES = "Mattes"
"""The node that reads the mattes."""
CRYPTO_FILES = "CryptoFiles"
"""The node that reads the Cryptomattes."""
CHOSEN = "Chosen"
SHOW = "Show"

CRYPTO_LAYER = "CryptoSTMatte"
MOST_CRYPTO_LEVELS = 3
UNCERTAINTY = "uncertainty.alpha"

PAIRS = 4
"""Channels that one Copy takes along."""

INPUTS = ("plate", "roto", "matte1", "matte2", "matte3", "matte4")
"""What can be connected to a node, by number."""

_COLOURS = ("rgba.red", "rgba.green", "rgba.blue", "rgba.alpha")
_WITHOUT_ENDING = "[file rootname [value parent.out]]"
_BESIDE = f"[file rootname {_WITHOUT_ENDING}]_crypto[file extension {_WITHOUT_ENDING}].exr"
"""Where the engine puts the Cryptomatte: hero.####.exr has it in hero_crypto.####.exr."""


@dataclass(frozen=True)
class InsideNode:
    """One node of the inside.

    name    what it is called there
    kind    its class
    knobs   what differs from the class's own, as a script has it before quoting (tcl.value)
    inputs  name of the node at each input, None where nothing is connected
    """

    name: str
    kind: str
    knobs: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[str | None, ...] = ()


def inside(
    objects: Sequence[str], *, uncertainty: bool = False, crypto_levels: int = 0
) -> tuple[InsideNode, ...]:
    """Return the nodes inside a group, each after those that it takes from.

    objects        engine's names of the objects, in the order of the `object` knob; with none,
                   the plate goes through
    uncertainty    whether the files hold it, so that the stream carries `uncertainty.alpha`
    crypto_levels  RGBA layers of the Cryptomatte beside, 0 where there is none
    """
    nodes = [_input(number, name) for number, name in enumerate(INPUTS)]
    nodes.append(_files(MATTES, "[value parent.out]"))
    channels = [channel_of(name) for name in objects] + ([UNCERTAINTY] if uncertainty else [])
    stream = INPUTS[0]
    for number, at in enumerate(range(0, len(channels), PAIRS), 1):
        carried = [(channel, channel) for channel in channels[at : at + PAIRS]]
        nodes.append(_copy(f"Carry{number}", carried, stream, MATTES))
        stream = nodes[-1].name
    if crypto_levels:
        nodes += _cryptomatte(stream, crypto_levels)
        stream = nodes[-1].name
    picks = [
        _copy(f"Pick{number}", [(channel_of(name), "rgba.alpha")], stream, MATTES)
        for number, name in enumerate(objects, 1)
    ]
    nodes += picks
    choices = [node.name for node in picks] + [stream] * max(0, 2 - len(picks))
    nodes.append(_switch(CHOSEN, "parent.object", choices))  # a Switch has two inputs at least
    return (*nodes, *_shown())


def channel_of(name: str) -> str:
    """Return the channel of a stream that carries an object's matte."""
    return f"{name}.alpha"


def layers(
    objects: Sequence[str], *, uncertainty: bool = False, crypto_levels: int = 0
) -> tuple[tuple[str, ...], ...]:
    """Return the layers that a script must know first: each its name, then its channels."""
    named = [(name, channel_of(name)) for name in objects]
    crypto = [f"{CRYPTO_LAYER}{level:02d}" for level in range(crypto_levels)]
    return (
        *named,
        *([("uncertainty", UNCERTAINTY)] if uncertainty else []),
        *((layer, *_of_layer(layer)) for layer in crypto),
    )


def crypto_levels_for(objects: int) -> int:
    """Return how many RGBA layers the engine's Cryptomatte of so many objects has."""
    return min(MOST_CRYPTO_LEVELS, (objects + 1) // 2)


def is_ours(name: str) -> bool:
    """Whether a name is one that this description gives where there are more objects."""
    stem = name.rstrip("0123456789")
    return name == CRYPTO_FILES or name == "Metadata" or stem in ("Carry", "CarryCrypto", "Pick")


def _input(number: int, name: str) -> InsideNode:
    return InsideNode(name, "Input", {"number": str(number)} if number else {})


def _files(name: str, file: str) -> InsideNode:
    """A Read that never holds an old frame and never fails: what is not there is black."""
    first, last = expression("parent.first"), expression("parent.last")
    return InsideNode(
        name,
        "Read",
        {
            "file_type": "exr",
            "file": file,
            "first": first,
            "last": last,
            "before": "black",
            "after": "black",
            "origfirst": first,
            "origlast": last,
            "origset": "true",
            "on_error": "black",
            "raw": "true",
            "localizationPolicy": "off",
        },
    )


def _copy(name: str, pairs: Sequence[tuple[str, str]], below: str, above: str) -> InsideNode:
    """A Copy: `below` (B) goes through, with channels of `above` (A)."""
    knobs: dict[str, str] = {}
    for number, (source, target) in enumerate(pairs):
        knobs[f"from{number}"] = source
        knobs[f"to{number}"] = target
    return InsideNode(name, "Copy", knobs, (below, above))


def _switch(name: str, which: str, inputs: Sequence[str]) -> InsideNode:
    return InsideNode(name, "Switch", {"which": expression(which)}, tuple(inputs))


def _of_layer(layer: str) -> tuple[str, ...]:
    return tuple(f"{layer}.{colour.split('.')[1]}" for colour in _COLOURS)


def _cryptomatte(stream: str, levels: int) -> list[InsideNode]:
    """The Cryptomatte's layers and what its header says of them, for a Cryptomatte node below."""
    nodes = [_files(CRYPTO_FILES, _BESIDE)]
    for level in range(levels):
        channels = _of_layer(f"{CRYPTO_LAYER}{level:02d}")
        pairs = list(zip(channels, channels))
        nodes.append(_copy(f"CarryCrypto{level + 1}", pairs, stream, CRYPTO_FILES))
        stream = nodes[-1].name
    said = {"metadatafilter": "exr/cryptomatte/"}  # the rest of the plate's header stays
    nodes.append(InsideNode("Metadata", "CopyMetaData", said, (stream, CRYPTO_FILES)))
    return nodes


def _shown() -> tuple[InsideNode, ...]:
    """What the `show` knob chooses from, and the way out."""
    grey = [("rgba.alpha", colour) for colour in _COLOURS[:3]]
    tinted = {
        f"expr{number}": f"{channel} + (parent.tint.{channel} - {channel}) * a / 2"
        for number, channel in enumerate("rgb")
    }
    return (
        _copy("Matte", grey, CHOSEN, CHOSEN),
        InsideNode("Premultiplied", "Premult", {}, (CHOSEN,)),
        InsideNode("Overlay", "Expression", tinted, (CHOSEN,)),
        _switch(SHOW, "parent.show", [CHOSEN, "Matte", "Premultiplied", "Overlay"]),
        InsideNode("Output1", "Output", {}, (SHOW,)),
    )
