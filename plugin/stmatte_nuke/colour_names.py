# SPDX-License-Identifier: Apache-2.0
"""What the engine is told of a plate's colour space: Nuke's name where the engine surely knows it.

The engine refuses a name that its OCIO config lacks. Its config is that of $OCIO, as Nuke's is, or
else the studio config that OpenColorIO carries. Where a name is not sure nothing is said, and the
engine goes by the files. Pure: no Nuke, no OpenColorIO.
"""

from __future__ import annotations

import re

NUKE = "Nuke"
"""Nuke's own colour management, without OCIO."""

_DEFAULT = re.compile(r"default\s*(?:\((.*)\))?\s*", re.IGNORECASE)

# Nuke's own curves. They leave the primaries alone; the engine's spaces of these names are the
# ones that a camera writes with them.
_CURVES = {
    "linear": "lin_rec709",
    "srgb": "srgb",
    "rec709": "Camera Rec.709",
    "gamma1.8": "Gamma 1.8 Rec.709 - Texture",
    "gamma2.2": "Gamma 2.2 Rec.709 - Texture",
    "gamma2.4": "Gamma 2.4 Rec.709 - Texture",
    "alexav3logc": "ARRI LogC3 (EI800)",
    "slog3": "S-Log3 S-Gamut3",
}
# Spaces that configs of several ages call so, and that the studio config knows by these names.
_SPACES = {
    "acescg": "ACEScg",
    "aces - acescg": "ACEScg",
    "aces2065-1": "ACES2065-1",
    "aces - aces2065-1": "ACES2065-1",
    "acescct": "ACEScct",
    "aces - acescct": "ACEScct",
    "srgb": "srgb",
    "srgb - texture": "srgb",
    "utility - srgb - texture": "srgb",
    "linear rec.709 (srgb)": "lin_rec709",
    "arri logc3 (ei800)": "ARRI LogC3 (EI800)",
    "input - arri - v3 logc (ei800) - wide gamut": "ARRI LogC3 (EI800)",
    "s-log3 s-gamut3": "S-Log3 S-Gamut3",
}
KNOWN = frozenset((*_CURVES.values(), *_SPACES.values(), "scene_linear"))
"""Every name that is passed where there is no $OCIO: a test asks the engine for each."""


def engine_name(said: str, management: str, config: str, ocio: str) -> str:
    """Return the name to give to the engine; "" where none is sure.

    said        as Nuke's knob says it: "sRGB", "default (linear)", "Utility/ACEScg"
    management  "Nuke" or "OCIO"
    config      name of the OCIO config in the project settings
    ocio        $OCIO; "" if it is not set
    """
    match = _DEFAULT.fullmatch(said.strip())
    name = (match[1] or "").strip() if match else said.strip()
    low = name.casefold()
    if low in ("", "raw", "data", "none", "default"):
        return ""
    if management == NUKE or config == "nuke-default":
        if low == "scene_linear":
            low = "linear"
        curve = _CURVES.get(low, "")
        return curve if not ocio or curve == "srgb" else ""
    if ocio:  # the engine has the same config, so that every name of it is known
        return name.rpartition("/")[2] if "/" in name else name
    last = low.rpartition("/")[2]
    if last == "scene_linear":
        return "" if config == "custom" else "scene_linear"
    return _SPACES.get(low) or _SPACES.get(last, "")
