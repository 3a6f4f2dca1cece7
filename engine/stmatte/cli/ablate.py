# SPDX-License-Identifier: Apache-2.0
"""`stmatte ablate`: the papers' tables of what each part of a network brings."""

from __future__ import annotations

from pathlib import Path

import click

from stmatte.settings import Settings

TABLES = ("memory", "kernel", "lmrc", "rgmp")


@click.command()
@click.argument("table", type=click.Choice(TABLES))
@click.option("--root", required=True, help="Folder of DAVIS, or of a set in its layout.")
@click.option("--split", default="all", help="train, val, all, or sequences separated by commas.")
@click.option("--model", required=True, help="A network that ships, or a weights file.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Masks and tables.")
@click.option(
    "--working-height",
    type=int,
    default=Settings.working_height,
    show_default=True,
    help="Picture height that the network sees.",
)
@click.option("--device", default=Settings.device, show_default=True, help="auto, cpu or cuda.")
def ablate(
    table: str, root: str, split: str, model: str, out: Path, working_height: int, device: str
) -> None:
    """Score variants of one model on DAVIS, a row each.

    TABLE is memory (STM, Table 6), kernel (KMN, Table 3), lmrc (LMRC's cases A to F) or rgmp
    (its -Ref and -Prev). Networks run as in their papers: one pass forward, plain edges.
    """
    from stmatte.evaluation import evaluate_davis, open_davis
    from stmatte.evaluation.ablations import ABLATIONS
    from stmatte.evaluation.davis import LISTS_2017
    from stmatte.evaluation.plain import plain_method
    from stmatte.evaluation.report import as_comparison, write_comparison
    from stmatte.networks.identity import fingerprint
    from stmatte.networks.registry import choose_device, load_network

    sequences = open_davis(root, LISTS_2017).sequences(split)
    network = load_network(model, device)
    place = str(choose_device(device))
    reports = {}
    for number, variant in enumerate(ABLATIONS[table](network), start=1):
        click.echo(variant.name, err=True)
        method = plain_method(
            variant.network, working_height, variant.policy, place, variant.finish
        )
        label = f"{table} {variant.name}: {fingerprint(network)} working height {working_height}"
        reports[variant.name] = evaluate_davis(
            sequences, method, out / f"{number}_{_plain(variant.name)}", label=label
        )
    write_comparison(reports, out)
    click.echo(as_comparison(reports), nl=False)


def _plain(name: str) -> str:
    letters = "".join(letter if letter.isalnum() else "_" for letter in name.lower())
    return "_".join(part for part in letters.split("_") if part)
