# SPDX-License-Identifier: Apache-2.0
"""Where mattes go, and what is in their files: what a person says of a delivery, in one noun.

Words only: knows no pictures and no disk. `pipeline.matte_files` makes files of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from stmatte.errors import StmatteError
from stmatte.layout import Layout


@dataclass(frozen=True)
class Output:
    """Where the mattes of a shot go, and what is in the files.

    out            pattern of the EXR files, with a place for the frame number; {object} in it
                   gives every object a file of its own. See `images.pattern`
    layout         how mattes lie in a file
    uncertainty    whether there is a layer `uncertainty` beside the objects
    raw            whether the files hold aggregated probabilities instead of coverage
    shot           the shot's name, for {shot} in the pattern; "" takes that of the plate's files
    overwrite      whether files that others wrote may be written over
    skip_existing  whether a file that is there and whole is left alone, whatever it is
    cryptomatte    whether there is a Cryptomatte of all objects, too, in files beside

    Raises StmatteError where two of them contradict each other.
    """

    out: str
    layout: Layout = field(default_factory=Layout)
    uncertainty: bool = False
    raw: bool = False
    shot: str = ""
    overwrite: bool = False
    skip_existing: bool = False
    cryptomatte: bool = False

    def __post_init__(self) -> None:
        if self.overwrite and self.skip_existing:
            raise StmatteError(
                "Files that exist are to be written over and to be left alone",
                value=("overwrite", "skip_existing"),
                allowed="one of the two, or neither",
                repair="Leave one of them out",
            )
