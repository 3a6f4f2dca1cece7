# SPDX-License-Identifier: Apache-2.0
"""An engine that speaks the protocol, makes no mattes, and misbehaves as it is told.

Run as `python fake_engine.py FOLDER`. FOLDER/scenario.json holds {"lives": [RULES, ...]}: the
first start obeys the first rules, and so on; beyond the last, engines behave. What a life was
told is in FOLDER/journal.jsonl, its environment in FOLDER/environ.json, its process in
FOLDER/pids, and which frames are done, over all lives, in FOLDER/store. The rules:

    die_at METHOD         die when this is asked ("start": at once), before answering
    die_after METHOD      answer it, then die
    die_at_frame N        die when N frames of this life are told
    half_at_frame N       then tell half of the next one first
    code N, kill true     how to die; exit code 1 if not said
    stderr TEXT           say it on standard error at the start
    garbage [LINES]       say these on standard output before anything else
    learns N              tell so many steps of learning before the first frame that is not fresh
    slow SECONDS          for each frame
    silent_at METHOD      never answer it
    late {METHOD: SECONDS}  answer it so much later
    refuse {METHOD: ERROR}
    refuse_once {METHOD: ERROR}
    early true            tell a job's first frame before answering that it is started
    protocol N            answer `initialize` with this
    deaf true             don't read after `initialize`
    linger true           stay when standard input ends
    orphan true           start something that holds standard output for a minute
"""

from __future__ import annotations

import hashlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

FOLDER = Path(sys.argv[1])


def frames_of(text: str) -> list[int]:
    """Return the frames of "1001-1010,1020"."""
    found = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found.extend(range(int(first), int(last or first) + 1))
    return found


class Engine:
    """One life."""

    def __init__(self) -> None:
        with (FOLDER / "pids").open("a") as pids:
            pids.write(f"{os.getpid()}\n")
        self.life = len((FOLDER / "pids").read_text().split())
        lives = json.loads((FOLDER / "scenario.json").read_text())["lives"]
        self.rules: dict[str, Any] = lives[self.life - 1] if self.life <= len(lives) else {}
        (FOLDER / "environ.json").write_text(json.dumps(dict(os.environ)))
        self.speaking = threading.Lock()
        self.shots: dict[str, dict[str, Any]] = {}
        self.jobs: queue.Queue[tuple[str, str, list[int]]] = queue.Queue()
        self.cancelled: set[str] = set()
        self.count = 0
        self.told = 0

    def say(self, message: dict[str, Any]) -> None:
        with self.speaking:
            sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
            sys.stdout.flush()

    def die(self) -> None:
        if self.rules.get("kill"):
            os.kill(os.getpid(), signal.SIGKILL)
        os._exit(self.rules.get("code", 1))

    def run(self) -> None:
        sys.stderr.write(self.rules.get("stderr", ""))
        sys.stderr.flush()
        if self.rules.get("orphan"):
            subprocess.Popen(
                [sys.executable, "-c", "import time; time.sleep(60)"], stdin=subprocess.DEVNULL
            )
        if self.rules.get("die_at") == "start":
            self.die()
        for line in self.rules.get("garbage", ()):
            sys.stdout.write(line)
        sys.stdout.flush()
        threading.Thread(target=self.work, daemon=True).start()
        for line in sys.stdin:
            self.hear(json.loads(line))
            while self.rules.get("deaf"):
                time.sleep(1)
        while self.rules.get("linger"):
            time.sleep(1)
        os._exit(0)

    def hear(self, message: dict[str, Any]) -> None:
        method, params = message["method"], message["params"]
        with (FOLDER / "journal.jsonl").open("a") as journal:
            journal.write(json.dumps({"life": self.life, "method": method, **params}) + "\n")
        if self.rules.get("die_at") == method:
            self.die()
        if self.rules.get("silent_at") == method:
            return
        time.sleep(self.rules.get("late", {}).get(method, 0))
        refusal = self.rules.get("refuse", {}).get(method)
        refusal = self.rules.get("refuse_once", {}).pop(method, refusal)
        if refusal:
            self.say({"id": message["id"], "error": refusal})
            return
        result = getattr(self, method.replace("/", "_"))(params)
        if method == "job/start" and self.rules.get("early"):
            self.jobs.join()
        self.say({"id": message["id"], "result": result})
        if self.rules.get("die_after") == method:
            self.die()

    def initialize(self, params: dict[str, Any]) -> dict[str, Any]:
        assert params["client"].keys() <= {"name", "version"}
        return {
            "name": "stmatte",
            "version": "0.0",
            "protocol": self.rules.get("protocol", 1),
            "models": [{"name": "stmatte-s", "ships": True}],
            "devices": ["cpu"],
            "store": {"path": str(FOLDER), "limit": 0},
        }

    def shutdown(self, _: dict[str, Any]) -> dict[str, Any]:
        return {}

    def shot_open(self, params: dict[str, Any]) -> dict[str, Any]:
        assert params.keys() >= {"document", "base", "out"}
        # The names of one life say nothing in another, as a real engine's need not either.
        name = f"s{len(self.shots) + 1}-of-life-{self.life}"
        self.shots[name] = {**params}
        document = params["document"]
        names = [o["name"] for o in document["objects"]]
        return {
            "shot": name,
            "frames": document["frames"],
            "objects": names,
            "view": {"colorspace": "acescg", "why": "", "exposure": 1.5},
            "stale": self.stale(name),
            "notes": [f"opened in life {self.life}"],
        }

    def shot_update(self, params: dict[str, Any]) -> dict[str, Any]:
        self.shots[params["shot"]]["document"] = params["document"]
        return {"shot": params["shot"], "stale": self.stale(params["shot"]), "notes": []}

    def shot_plan(self, params: dict[str, Any]) -> dict[str, Any]:
        text = self.stale(params["shot"])["frames"]
        left = len(frames_of(text)) if text else 0
        return {"spans": [], "forecast": {"frames": left, "seconds": left / 2, "bytes": None}}

    def shot_suggest(self, params: dict[str, Any]) -> dict[str, Any]:
        frames = frames_of(self.document(params["shot"])["frames"])[-params["count"] :]
        said = {"object": "hero", "gain": 0.5, "reasons": ["far from keys"]}
        return {"advice": [{"frame": frame, **said} for frame in frames]}

    def shot_close(self, params: dict[str, Any]) -> dict[str, Any]:
        del self.shots[params["shot"]]
        return {}

    def frame_matte(self, params: dict[str, Any]) -> dict[str, Any]:
        fresh = self.digest(params["shot"], params["frame"]) in self.store()
        return {"frame": params["frame"], "fresh": fresh, "file": None, "digest": ""}

    def job_start(self, params: dict[str, Any]) -> dict[str, Any]:
        self.count += 1
        name = f"j{self.count}-of-life-{self.life}"
        frames = frames_of(params.get("frames") or self.document(params["shot"])["frames"])
        first = params.get("first", frames[0])
        self.jobs.put((name, params["shot"], sorted(frames, key=lambda f: (f != first, f))))
        return {"job": name}

    def job_cancel(self, params: dict[str, Any]) -> dict[str, Any]:
        self.cancelled.add(params["job"])
        return {}

    def document(self, shot: str) -> dict[str, Any]:
        document: dict[str, Any] = self.shots[shot]["document"]
        return document

    def store(self) -> set[str]:
        store = FOLDER / "store"
        return set(store.read_text().split()) if store.exists() else set()

    def digest(self, shot: str, frame: int) -> str:
        said = json.dumps([self.document(shot), frame], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    def stale(self, shot: str) -> dict[str, Any]:
        document, store = self.document(shot), self.store()
        stale = [f for f in frames_of(document["frames"]) if self.digest(shot, f) not in store]
        text = ",".join(map(str, stale))
        return {"frames": text, "objects": {o["name"]: text for o in document["objects"]}}

    def learn(self, job: str, shot: str) -> None:
        steps = self.rules.pop("learns", 0)
        for step in range(1, steps + 1):
            params = {"job": job, "shot": shot, "step": step, "steps": steps}
            self.say({"method": "job/learning", "params": params})

    def work(self) -> None:
        while True:
            job, shot, frames = self.jobs.get()
            digests = {frame: self.digest(shot, frame) for frame in frames}
            names = [o["name"] for o in self.document(shot)["objects"]]
            out, done, outcome = self.shots[shot]["out"], 0, "done"
            for frame in frames:
                if job in self.cancelled:
                    outcome = "cancelled"
                    break
                fresh = digests[frame] in self.store()
                if not fresh:
                    self.learn(job, shot)
                    time.sleep(self.rules.get("slow", 0))
                if self.rules.get("die_at_frame") == self.told:
                    self.die()
                if self.rules.get("half_at_frame") == self.told:
                    sys.stdout.write('{"jsonrpc": "2.0", "method": "job/pro')
                    sys.stdout.flush()
                    self.die()
                with (FOLDER / "store").open("a") as store:
                    store.write(digests[frame] + "\n")
                done += 1
                self.told += 1
                params = {
                    "job": job,
                    "shot": shot,
                    "frame": frame,
                    "done": done,
                    "frames": len(frames),
                    "digest": digests[frame],
                    "file": out.replace("####", f"{frame:04d}"),
                    "fresh": fresh,
                    "uncertainty": dict.fromkeys(names, 0.9 if frame % 10 == 5 else 0.1),
                    "seconds": 0.0,
                }
                self.say({"method": "job/progress", "params": params})
            over = {"job": job, "shot": shot, "outcome": outcome, "done": done}
            over.update({"frames": len(frames), "skipped": {}, "error": None})
            self.say({"method": "job/done", "params": over})
            self.jobs.task_done()


if __name__ == "__main__":
    Engine().run()
