# SPDX-License-Identifier: Apache-2.0
"""A review of shots: all are looked into first, then a page is written for each, and one over all.

What cannot be reviewed is told before a page is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from stmatte.document import read_shot
from stmatte.errors import StmatteError, raise_all
from stmatte.images.pattern import shot_name
from stmatte.networks.protocol import Network
from stmatte.networks.registry import load_network
from stmatte.placing import check_writable
from stmatte.review.facts import ShotFacts, worst_first
from stmatte.review.index_page import write_index
from stmatte.review.marks import DOUBTFUL
from stmatte.review.shot_page import file_of_page, write_shot_page
from stmatte.review.surveying import Surveyed, survey
from stmatte.store import Store


@dataclass(frozen=True)
class Look:
    """How shots are shown.

    height    of the pictures on a page, in pixels; smaller plates are not enlarged
    rate      frames a second at which they play
    doubtful  uncertainty from which a matte is marked doubtful
    """

    height: int = 540
    rate: float = 24.0
    doubtful: float = DOUBTFUL

    def __post_init__(self) -> None:
        if not 64 <= self.height <= 4320:
            raise StmatteError(
                f"Pictures {self.height} pixels high are not possible",
                value=self.height,
                allowed="64 to 4320",
            )
        if not 1 <= self.rate <= 120:
            raise StmatteError(
                f"{self.rate:g} frames a second are not possible",
                value=self.rate,
                allowed="1 to 120",
            )
        if not 0 < self.doubtful <= 1:
            raise StmatteError(
                f"Uncertainty {self.doubtful:g} cannot be where doubt begins",
                value=self.doubtful,
                allowed="above 0, at most 1",
            )


@dataclass(frozen=True)
class Reviewed:
    """What was written.

    index  the page over all shots
    pages  shot name -> its page, worst first
    facts  what is known of the shots, worst first
    """

    index: Path
    pages: dict[str, Path]
    facts: tuple[ShotFacts, ...]


def review(
    documents: Sequence[Path],
    mattes: str,
    out: Path,
    store: Store,
    *,
    previous: str | None = None,
    look: Look | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> Reviewed:
    """Write pages over the mattes of shots.

    documents  shot documents; each is named by its file
    mattes     pattern of their mattes' files; {shot} in it stands for a shot's name
    out        folder of the pages, made if need be; pages of the same names are replaced
    store      where advice on keys comes from
    previous   pattern of the version before, to compare with; None looks for it by the version
               that `mattes` names
    tell       told how many frames are done, and how many there are

    Raises StmatteError for what a person can mend, of all shots at once.
    """
    look = look or Look()
    _check_names(documents, mattes)
    networks = _networks(documents)
    found: list[Surveyed] = []
    problems: list[StmatteError] = []
    for document in documents:
        try:
            found.append(
                survey(
                    document,
                    mattes,
                    previous,
                    networks,
                    store,
                    height=look.height,
                    doubtful=look.doubtful,
                )
            )
        except StmatteError as error:  # noqa: PERF203  what is wrong is told of all at once
            problems.append(error)
    raise_all(problems)
    check_writable(out)
    return _write(found, out, look, tell)


def _write(
    found: list[Surveyed], out: Path, look: Look, tell: Callable[[int, int], None] | None
) -> Reviewed:
    by_name = {each.facts.name: each for each in found}
    ordered = worst_first([each.facts for each in found])
    names = ["", *(facts.name for facts in ordered), ""]
    total = sum(len(facts.frames) for facts in ordered)
    done = 0

    def told() -> None:
        nonlocal done
        done += 1
        if tell is not None:
            tell(done, total)

    pages = {}
    around = zip(pairwise(names), pairwise(names[1:]), strict=False)
    for (before, name), (_, after) in around:
        pages[name] = out / file_of_page(name)
        write_shot_page(
            pages[name], by_name[name], rate=look.rate, neighbours=(before, after), tell=told
        )
    index = out / "index.html"
    write_index(index, ordered)
    return Reviewed(index, pages, tuple(ordered))


def _networks(documents: Sequence[Path]) -> dict[tuple[str, str], Network]:
    asked = {(s.model, s.device) for s in (read_shot(path).settings for path in documents)}
    return {(model, device): load_network(model, device) for model, device in sorted(asked)}


def _check_names(documents: Sequence[Path], mattes: str) -> None:
    """Prove that every shot has a name, and mattes, of its own."""
    names = [shot_name(str(path)) for path in documents]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise StmatteError(
            f'Several shots are called "{twice[0]}"',
            value=twice[0],
            allowed="a shot is called by its document's file, and its page, too",
            repair="Rename one of the documents, or review them apart",
        )
    if len(documents) > 1 and "{shot}" not in mattes:
        raise StmatteError(
            f'Mattes "{mattes}" are those of one shot, and {len(documents)} are reviewed',
            value=mattes,
            allowed="{shot} in it stands for each shot's name",
            repair='Write such as "mattes/{shot}/{shot}.####.exr"',
        )
