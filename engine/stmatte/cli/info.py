# SPDX-License-Identifier: Apache-2.0
"""`stmatte info`: what is installed, or what a file is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from stmatte.errors import StmatteError
from stmatte.shot import FrameRange


@click.command()
@click.argument("path", required=False)
def info(path: str | None) -> None:
    """Tell which networks, weights, device and versions there are; or what PATH is.

    PATH may be a plate, a key, a weights file, or the name of a network that ships.
    """
    lines = _installed() if path is None else _about(path)
    width = max(len(name) for name, _ in lines)
    for name, words in lines:
        click.echo(f"{name:<{width}}  {words}")


def _installed() -> list[tuple[str, str]]:
    import platform
    from importlib.metadata import version

    import torch

    from stmatte.networks.gpu import why_no_gpu
    from stmatte.networks.identity import provenance
    from stmatte.networks.precision import quick
    from stmatte.networks.registry import NETWORKS, choose_device

    lines = [("stmatte", version("stmatte")), ("Python", platform.python_version())]
    lines += [(name, version(name)) for name in ("torch", "OpenImageIO", "numpy")]
    lines.append(("opencv", version("opencv-python-headless")))
    device = choose_device("auto")
    name = torch.cuda.get_device_name() if device.type == "cuda" else platform.processor() or "CPU"
    why = "" if device.type == "cuda" else f"; no GPU: {why_no_gpu()}"
    lines.append(("device", f"{device.type} ({name}){why}"))
    lines.append(("precision", ", ".join(quick(device))))
    for network, entry in NETWORKS.items():
        if entry.weights is None:
            lines.append((network, "network without weights of its own; give --model a file"))
            continue
        try:
            facts = provenance(entry.weights)
        except FileNotFoundError:
            lines.append((network, "its weights are missing from this installation"))
        else:
            lines.append((network, f"{facts['summary']} ({facts['licence']})"))
    return lines


def _about(path: str) -> list[tuple[str, str]]:
    from stmatte.networks.registry import NETWORKS, SUFFIXES

    if Path(path).suffix in SUFFIXES or path in NETWORKS:
        return _about_weights(path)
    try:
        lines = _about_plate(path)
    except StmatteError:
        # an EXR of mattes has no colour: it is a key, and no plate
        lines = _about_key(path)
        if not lines:
            raise
        return lines
    return lines + _about_key(path)


def _about_plate(path: str) -> list[tuple[str, str]]:
    from stmatte.images import open_plate

    plate = open_plate(path)
    frames = FrameRange(plate.frames[0], plate.frames[-1])
    missing = len(frames) - len(plate.frames)
    height, width = plate.size
    lines = [
        ("plate", plate.label),
        ("frames", f"{frames}, {missing} missing" if missing else f"{frames}"),
        ("size", f"{width}x{height}, pixel aspect {plate.pixel_aspect:g}"),
    ]
    try:
        plate.read(frames.first)
        space = plate.colorspace
    except StmatteError as error:
        return [*lines, ("pictures", str(error))]
    if plate.canvas != plate.display:
        lines.append(("overscan", f"pixels in {plate.canvas}, shown {plate.display}"))
    return [*lines, ("pictures", f"taken as {space.name}, {space.why}")]


def _about_key(path: str) -> list[tuple[str, str]]:
    """Return what a picture says as a key, or nothing if it is none."""
    from stmatte.images import is_video, read_key, read_mattes

    if not Path(path).is_file() or is_video(path):
        return []
    try:
        height, width = next(iter(read_mattes(Path(path)).values())).shape
        mattes = read_key(Path(path), (), (height, width))
    except StmatteError:
        return []
    return [
        ("as a key", f"{name}, {width}x{height}, {matte.mean():.1%} of the frame")
        for name, matte in mattes.items()
    ]


def _about_weights(model: str) -> list[tuple[str, str]]:
    from stmatte.networks.identity import fingerprint, parameters, provenance, told_beside
    from stmatte.networks.registry import NETWORKS, load_network

    network = load_network(model, "cpu")
    ships = NETWORKS[model].weights if model in NETWORKS else None
    told = provenance(ships) if ships else told_beside(Path(model))
    return [
        ("weights", ships or model),
        ("network", network.name),
        ("parameters", f"{parameters(network):,}"),
        ("fingerprint", fingerprint(network)),
        *((name, told[name]) for name in ("summary", "licence", "made_by") if name in told),
        *_trained(told),
        *(("score", f"{score['on']}: {score['says']}") for score in told.get("scores", ())),
    ]


def _trained(told: dict[str, Any]) -> list[tuple[str, str]]:
    """Return on what weights were trained, and by which recipes for how many steps."""
    on = told.get("trained_on", {})
    kinds = on.items() if isinstance(on, dict) else [(on, {})]
    lines = [
        ("trained on", f"{kind}: {', '.join(f'{n} {licence}' for licence, n in counts.items())}")
        if counts
        else ("trained on", kind)
        for kind, counts in kinds
    ]
    return lines + [("stage", text) for text in map(_stage, told.get("stages", ())) if text]


def _stage(stage: dict[str, Any]) -> str:
    """Return a stage in words; "" where there are none for it."""
    if "fitted" in stage:
        return f"fitted: {stage['fitted']}"
    if "averaged" in stage:
        return f"the mean of weights after: {'; '.join(map(_since, stage['averaged']))}"
    if "recipe" not in stage:
        return ""
    made = stage["recipe"]
    steps = stage["last_step"] - stage["first_step"]
    size = f"{made['width']}x{made['height']}"
    return f"{steps} steps of {made['batch']} clips of {made['frames']} frames at {size}"


def _since(one: dict[str, Any]) -> str:
    """Return what weights went through that others of a mean did not."""
    if not one["stages"]:
        return "nothing more"
    return " and ".join(filter(None, map(_stage, one["stages"]))) or "stages that nobody told"
