# SPDX-License-Identifier: Apache-2.0
"""A process that uses a store at random and stops with an error at the first wrong answer.

python worker.py FOLDER LIMIT SEED SECONDS
python worker.py FOLDER LIMIT check
"""

from __future__ import annotations

import hashlib
import random
import sys
import time
from pathlib import Path

from stmatte.store import DiskStore

DIGESTS = [hashlib.blake2b(bytes([n]), digest_size=16).hexdigest() for n in range(60)]
LARGEST = 40_000


def payload(digest: str) -> bytes:
    """Return what belongs to the digest."""
    drawn = random.Random(digest)
    return drawn.randbytes(drawn.randrange(LARGEST))


def check(store: DiskStore, digest: str) -> bool:
    """Say whether the entry is there; stop if it is wrong."""
    found, noted = store.get(digest), store.note(digest)
    if found not in (None, payload(digest)) or noted not in (None, {"digest": digest}):
        sys.exit(f"{digest} is wrong")
    return found is not None


def use(store: DiskStore, seed: int, seconds: float) -> None:
    drawn = random.Random(seed)
    print("begun", flush=True)  # noqa: T201
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        digest = drawn.choice(DIGESTS)
        if drawn.random() < 0.5:
            store.put(digest, payload(digest))
        if drawn.random() < 0.2:
            store.keep_note(digest, {"digest": digest})
        if check(store, drawn.choice(DIGESTS)):
            store.has(digest)


if __name__ == "__main__":
    _, folder, limit, *rest = sys.argv
    opened = DiskStore(Path(folder), int(limit))
    if rest == ["check"]:
        print(sum(check(opened, digest) for digest in DIGESTS))  # noqa: T201
    else:
        use(opened, int(rest[0]), float(rest[1]))
