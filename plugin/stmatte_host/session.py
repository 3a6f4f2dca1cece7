# SPDX-License-Identifier: Apache-2.0
"""One engine for a host, as if it never stopped: what a host may ask.

Every call returns at once. What it brings comes later, as a future or as events, through the
host's dispatch. Futures are given their values there too, so a host's main thread must not
wait on one: it adds a callback, or pumps until the future is done. How the engine is kept
alive is `keeper`'s.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from .agenda import Agenda
from .answers import Opened, opened
from .asked import Asked, HeldShot, refuse, resolve
from .errors import EngineError
from .jobs import Job, Tell
from .keeper import Keeper
from .logs import log_folder
from .mailbox import Dispatch, Mailbox
from .patience import Patience
from .starting import Engine


class Session:
    """A host's way to the engine, which is started when it is first needed.

    dispatch   has calls made on the host's main thread; without one, `pump` makes them
    words      the engine's command; () asks STMATTE_ENGINE, and then takes `stmatte serve`
    environ    the host's environment; None takes this process's
    logs       folder for the engine's standard error; None takes the system's place for logs
    client     name and version of host and plug-in, for the engine's log
    patience   how long to wait for what

    Close it before the host unloads the plug-in: threads that outlive it make some hosts
    hang at exit. One session serves any number of shots.
    """

    def __init__(
        self,
        dispatch: Dispatch | None = None,
        *,
        words: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
        logs: Path | None = None,
        client: tuple[str, str] = ("host", "0"),
        patience: Patience | None = None,
    ) -> None:
        self._mailbox = Mailbox() if dispatch is None else None
        self._patience = patience or Patience()
        environ = dict(os.environ if environ is None else environ)
        self._agenda = Agenda("stmatte session")
        self._keeper = Keeper(
            self._agenda,
            dispatch or self._mailbox or Mailbox(),
            Engine(tuple(words), environ, logs or log_folder(environ), client),
            self._patience,
        )
        self._numbers = count(1)
        atexit.register(self.close)

    def pump(self, wait: float = 0.0) -> int:
        """Make the calls that are due on this thread; see `Mailbox.pump`.

        With a dispatch of the host's own there is nothing to do.
        """
        return 0 if self._mailbox is None else self._mailbox.pump(wait)

    def greet(self) -> Future[Mapping[str, Any]]:
        """Start the engine if need be; the result is its answer to `initialize`."""
        return self._ask(partial(Asked, "", {}))

    def open_shot(
        self,
        document: Mapping[str, Any],
        base: str,
        out: str,
        choices: Mapping[str, Any] | None = None,
    ) -> Future[Opened]:
        """Open a shot; the result names it.

        document  format "stmatte.shot/1"; not to be changed afterwards
        base      folder that relative paths in it are relative to
        out       pattern for the mattes' files, .exr
        choices   further parameters of `shot/open`, such as {"channels": "object.V"}
        """
        name = f"shot-{next(self._numbers)}"
        held = HeldShot({"base": base, "out": out, **(choices or {})})
        return self._ask(
            partial(Asked, "shot/open", {}, shot=name, document=document),
            partial(opened, name),
            first=partial(self._keeper.hold, name, held),
        )

    def update_shot(self, shot: str, document: Mapping[str, Any]) -> Future[Opened]:
        """Say anew what a shot is; a job that runs goes on with what it was started with."""
        asked = partial(Asked, "shot/update", {}, shot=shot, document=document)
        return self._ask(asked, partial(opened, shot))

    def plan(self, shot: str) -> Future[Mapping[str, Any]]:
        """Ask for a shot's spans and what they would take; the result is the engine's."""
        return self._ask(partial(Asked, "shot/plan", {}, shot=shot))

    def suggest(self, shot: str, count: int = 5) -> Future[Mapping[str, Any]]:
        """Ask where a next key would help most, the best first; the result is the engine's."""
        return self._ask(partial(Asked, "shot/suggest", {"count": count}, shot=shot))

    def matte(self, shot: str, frame: int) -> Future[Mapping[str, Any]]:
        """Ask how it stands with one frame; the result is the engine's."""
        return self._ask(partial(Asked, "frame/matte", {"frame": frame}, shot=shot))

    def close_shot(self, shot: str) -> None:
        """Cancel the shot's jobs and forget it."""
        self._agenda.post(partial(self._keeper.let_go, shot))

    def start_job(
        self, shot: str, tell: Tell, *, frames: str = "", first: int | None = None
    ) -> str:
        """Start a job and return its name, by which its events call it.

        shot    an open shot
        tell    called on the host's main thread with each `JobEvent`; the last is `JobOver`,
                which also brings what went wrong at the start
        frames  which frames, such as "1001-1020"; "" means all
        first   the frame under the playhead

        Raises EngineError if the session is closed.
        """
        params: dict[str, Any] = {} if first is None else {"first": first}
        if frames:
            params["frames"] = frames
        return self._start(Job(f"job-{next(self._numbers)}", shot, params, tell))

    def start_outline(
        self,
        mattes: str,
        object: str,  # noqa: A002  the word of the vocabulary
        out: str,
        tell: Tell,
        *,
        frames: str = "",
        tolerance: float = 1.0,
        inset: float = 0.0,
    ) -> str:
        """Start to fit splines to mattes that exist, and return the job's name.

        mattes     absolute, with #### for the frame number
        object     whose
        out        the JSON file that is there when `JobOver` says "done"; a `JobFrame` is a matte
                   that was read
        tell       as with `start_job`
        frames     which frames; "" means all that are there
        tolerance  how far splines may be off, in pixels
        inset      how far they lie within the object, in pixels

        Raises EngineError if the session is closed.
        """
        params = {"mattes": mattes, "object": object, "out": out}
        more = {"tolerance": float(tolerance), "inset": float(inset)}
        if frames:
            params["frames"] = frames
        name = f"job-{next(self._numbers)}"
        return self._start(Job(name, "", {**params, **more}, tell, "outline/start"))

    def _start(self, job: Job) -> str:
        if not self._agenda.post(partial(self._keeper.start_job, job)):
            raise _closed()
        return job.name

    def cancel_job(self, job: str) -> None:
        """Have a job stop within a frame; it ends with `JobOver`. One that is over stays so."""
        self._agenda.post(partial(self._keeper.cancel_job, job))

    def restart(self) -> None:
        """End the engine by force and start it again, as a person may who finds that it hangs."""
        self._agenda.post(self._keeper.restart)

    def close(self, wait: bool = True) -> None:
        """End the engine and all threads; open futures fail, jobs end as cancelled.

        wait  return when all of it is gone. That takes as long as the engine needs to leave,
              and `Patience.leaving` at most before it is forced
        """
        atexit.unregister(self.close)
        self._agenda.post(self._keeper.close)
        self._agenda.close()
        if wait:
            self._agenda.join(self._patience.leaving + 10.0)

    def _ask(
        self,
        asked: Callable[..., Asked],
        read: Callable[[Any], Any] = dict,
        first: Callable[[], object] | None = None,
    ) -> Future[Any]:
        """Have something asked; `first` is done before it, in the same breath."""
        future: Future[Any] = Future()

        def later() -> None:
            if first is not None:
                first()
            self._keeper.ask(
                asked(
                    read=read,
                    then=lambda value: self._keeper.tell(partial(resolve, future, value)),
                    failed=lambda error: self._keeper.tell(partial(refuse, future, error)),
                )
            )

        if not self._agenda.post(later):
            refuse(future, _closed())
        return future


def _closed() -> EngineError:
    return EngineError("The session with the engine is closed", repair="Start the plug-in again")
