# SPDX-License-Identifier: Apache-2.0
"""How the service says no: the codes, and an error as the protocol writes it.

Every refusal is a sentence for a person with its parts for a program. What a person can
mend comes from below as StmatteError; what breaks the protocol is worded here and there.
"""

from __future__ import annotations

from enum import IntEnum

from stmatte.errors import ManyError, StmatteError
from stmatte.service.messages import Error, ErrorData

MOST_PROBLEMS = 100  # told one by one; a broken document may have thousands
LONGEST = 60  # characters of the client's own text that are said back


class Code(IntEnum):
    """Numbers of the errors. Those below zero are JSON-RPC's own."""

    PARSE = -32700
    REQUEST = -32600
    METHOD = -32601
    PARAMS = -32602
    DEFECT = -32603
    MENDABLE = 1001
    SHOT = 1002
    JOB = 1003
    NOT_INITIALIZED = 1004
    TOO_LONG = 1005
    ENDING = 1006


MEANINGS = {
    Code.PARSE: "parse error: the line is not JSON, or not UTF-8",
    Code.REQUEST: "invalid request: it is JSON, but no request of JSON-RPC 2.0",
    Code.METHOD: "there is no such method",
    Code.PARAMS: "parameters are missing, unknown or of the wrong kind",
    Code.DEFECT: "a mistake of the engine's own; its log tells more",
    Code.MENDABLE: "what was asked for cannot be done, and a person can mend it",
    Code.SHOT: "no such shot is open",
    Code.JOB: "there never was such a job",
    Code.NOT_INITIALIZED: "`initialize` has to come first",
    Code.TOO_LONG: "a line was longer than 8 MiB; it was thrown away",
    Code.ENDING: "the engine is shutting down",
}


class RefusedError(Exception):
    """A call that is not carried out: the code, and what is wrong."""

    def __init__(self, code: Code, *problems: StmatteError):
        self.code = code
        self.problem = problems[0] if len(problems) == 1 else ManyError(problems)
        super().__init__(str(self.problem))


def error_of(code: Code, problem: StmatteError) -> Error:
    """Return a problem as the protocol writes it."""
    data = ErrorData(what=problem.what, allowed=problem.allowed, repair=problem.repair)
    if not isinstance(problem, ManyError):
        return Error(code=int(code), message=str(problem), data=data)
    sentences = [str(one) for one in problem.problems[:MOST_PROBLEMS]]
    if untold := len(problem.problems) - len(sentences):
        sentences.append(f"There are {untold} more.")
    data = data.model_copy(update={"problems": sentences})
    return Error(code=int(code), message="\n".join(sentences), data=data)


def defect(doing: str, error: BaseException) -> Error:
    """Return a mistake of ours as the protocol writes it. The traceback is for the log."""
    return error_of(
        Code.DEFECT,
        StmatteError(
            f"STMatte made a mistake in {doing} ({type(error).__name__})",
            repair="Send the engine's log to whoever looks after STMatte",
        ),
    )


def short(text: str) -> str:
    """Return text of the client's in a length that fits a sentence."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
