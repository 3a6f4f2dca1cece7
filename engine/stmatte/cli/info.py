# SPDX-License-Identifier: Apache-2.0
"""`stmatte info`: what is installed, or what a file is."""

from __future__ import annotations

from pathlib import Path

import click

from stmatte.errors import StmatteError


@click.command()
@click.argument("path", required=False)
def info(path: str | None) -> None:
    """Tell which networks, weights, device and versions there are; or what PATH is.

    PATH may be a plate, a key or a weights file.
    """
    for name, words in _installed() if path is None else _about(path):
        click.echo(f"{name:<12} {words}")


def _installed() -> list[tuple[str, str]]:
    import platform
    from importlib.metadata import version

    import torch

    from stmatte.networks.identity import provenance
    from stmatte.networks.registry import NETWORKS, choose_device

    lines = [("stmatte", version("stmatte")), ("Python", platform.python_version())]
    lines += [(name, version(name)) for name in ("torch", "OpenImageIO", "numpy")]
    lines.append(("opencv", version("opencv-python-headless")))
    device = choose_device("auto")
    name = torch.cuda.get_device_name() if device.type == "cuda" else platform.processor() or "CPU"
    lines.append(("device", f"{device.type} ({name})"))
    for network, entry in NETWORKS.items():
        if entry.weights is None:
            lines.append((network, "network without weights of its own; give --model a file"))
        else:
            facts = provenance(entry.weights)
            lines.append((network, f"{facts['summary']} ({facts['licence']})"))
    return lines


def _about(path: str) -> list[tuple[str, str]]:
    from stmatte.networks.registry import SUFFIXES

    if Path(path).suffix in SUFFIXES:
        return _about_weights(path)
    from stmatte.images import open_plate

    plate = open_plate(path)
    frames = plate.frames
    missing = frames[-1] - frames[0] + 1 - len(frames)
    height, width = plate.size
    lines = [
        ("plate", plate.label),
        ("frames", f"{frames[0]}-{frames[-1]}" + (f", {missing} missing" if missing else "")),
        ("size", f"{width}x{height}, pixel aspect {plate.pixel_aspect:g}"),
    ]
    try:
        lines.append(("pictures", f"{plate.read(frames[0]).encoding}, as a plate"))
    except StmatteError as error:
        lines.append(("pictures", str(error)))
    return lines + (_about_key(path, plate.size) if Path(path).is_file() else [])


def _about_key(path: str, size: tuple[int, int]) -> list[tuple[str, str]]:
    from stmatte.images import read_key

    try:
        mattes = read_key(Path(path), (), size)
    except StmatteError:
        return []
    return [
        ("as a key", f"{name}, {matte.mean():.1%} of the frame") for name, matte in mattes.items()
    ]


def _about_weights(path: str) -> list[tuple[str, str]]:
    from stmatte.networks.identity import fingerprint, parameters
    from stmatte.networks.registry import load_network

    network = load_network(path, "cpu")
    return [
        ("weights", path),
        ("network", network.name),
        ("parameters", f"{parameters(network):,}"),
        ("fingerprint", fingerprint(network)),
    ]
