# SPDX-License-Identifier: Apache-2.0
"""The one error that STMatte shows to people.

An artist reads the sentence, a pipeline reads the attributes, a host shows the
sentence unchanged. Everything that a person can cause or mend is a `StmatteError`;
anything else that escapes is a defect of ours.
"""

from __future__ import annotations

from collections.abc import Iterable


class StmatteError(Exception):
    """Something that a person can mend: what was wrong, the value, what is allowed, what to do.

    what     what was wrong, naming frame, object or file; a clause without a full stop
    value    the offending value itself, for programs
    allowed  what would have been right; a clause, or "" where `what` says it already
    repair   what to do; a sentence without its full stop, or ""

    >>> print(StmatteError("Key at frame 7 is outside the plate", value=7,
    ...     allowed="the plate has frames 1-5", repair="Move the key into that range"))
    Key at frame 7 is outside the plate: the plate has frames 1-5. Move the key into that range.
    """

    def __init__(self, what: str, *, value: object = None, allowed: str = "", repair: str = ""):
        super().__init__(what)
        self.what = what
        self.value = value
        self.allowed = allowed
        self.repair = repair

    def __str__(self) -> str:
        sentence = f"{self.what}: {self.allowed}." if self.allowed else f"{self.what}."
        return f"{sentence} {self.repair}." if self.repair else sentence


class LostDeviceError(StmatteError):
    """A device is gone for this process, whatever it tries; another process may have it again."""


class ManyError(StmatteError):
    """Several things at once that a person can mend, such as all that is wrong with a file.

    problems  each of them; two or more
    """

    def __init__(self, problems: Iterable[StmatteError]):
        self.problems = tuple(problems)
        super().__init__(
            f"{len(self.problems)} problems", value=tuple(p.value for p in self.problems)
        )

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def raise_all(problems: Iterable[StmatteError]) -> None:
    """Raise the problem, or all of them as one `ManyError`; do nothing if there is none."""
    found = tuple(problems)
    if len(found) == 1:
        raise found[0]
    if found:
        raise ManyError(found)
