# SPDX-License-Identifier: Apache-2.0
"""A video file, frame by frame, through OpenCV (8 bit).

Frames are numbered from 1, as compositing programs number them. The count that a video
states is believed only if its last frame can be read; otherwise the frames are counted.
With a variable frame rate OpenCV's seeking is not exact; make such a video a picture
sequence first.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError

Pixels = NDArray[np.uint8]

_BLOCK = 8  # frames decoded at once when a reader walks backwards
_SKIP = 32  # a jump ahead of so many frames is decoded through rather than sought


class Video:
    """An open video.

    path          the file, as it was named
    count         how many frames can be read
    size          (H, W)
    pixel_aspect  width of a pixel over its height

    Reading forwards never seeks; reading backwards decodes a few frames at once and holds
    them. May be read from several threads, one after the other.

    Raises StmatteError if the file does not exist or holds no frame that can be read.
    """

    def __init__(self, path: str):
        self.path = path
        self._lock = Lock()
        self._held: dict[int, Pixels] = {}
        self._next = 1
        if not Path(path).is_file():
            raise StmatteError(
                f'Video "{path}" does not exist', value=path, repair="Check the path"
            )
        self._capture = cv2.VideoCapture(path)
        first = self._decode()
        if first is None:
            raise StmatteError(
                f'Video "{path}" cannot be read',
                value=path,
                allowed="the file is damaged, cut short, or of a format that OpenCV does not know",
                repair="Make it a picture sequence, for instance with ffmpeg",
            )
        self.size: tuple[int, int] = (first.shape[0], first.shape[1])
        self.pixel_aspect = self._pixel_aspect()
        self.count = self._count()
        self._go_to(1)

    def read(self, frame: int) -> Pixels:
        """Read frame 1 to `count`: (H, W, 3) uint8, red first.

        Raises StmatteError if the frame cannot be decoded.
        """
        with self._lock:
            if frame in self._held:
                return self._held[frame]
            backwards = frame < self._next
            self._held = {}
            if backwards:
                self._go_to(max(1, frame - _BLOCK + 1))
            elif frame - self._next > _SKIP:
                self._go_to(frame)
            while self._next < frame:
                number = self._next
                if not backwards:
                    self._skip()
                elif (pixels := self._decode()) is not None:
                    self._held[number] = pixels
            found = self._decode()
            if found is None or found.shape[:2] != self.size:
                raise StmatteError(
                    f'Plate frame {frame} cannot be decoded from "{self.path}"',
                    value=frame,
                    allowed=f"the video states {self.count} frames",
                    repair="Make it a picture sequence, for instance with ffmpeg",
                )
            self._held[frame] = found
            return found

    def _decode(self) -> Pixels | None:
        there, picture = self._capture.read()
        self._next += 1
        if not there:
            return None
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)

    def _skip(self) -> None:
        self._capture.grab()
        self._next += 1

    def _go_to(self, frame: int) -> None:
        """Make `frame` the next one: by a seek where OpenCV confirms it, else from the start."""
        if frame != self._next:
            self._capture.set(cv2.CAP_PROP_POS_FRAMES, frame - 1)
            self._next = frame
            if round(self._capture.get(cv2.CAP_PROP_POS_FRAMES)) != frame - 1:
                self._rewind()
                while self._next < frame:
                    self._skip()

    def _rewind(self) -> None:
        self._capture = cv2.VideoCapture(self.path)
        self._next = 1

    def _count(self) -> int:
        stated = int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))
        if stated == 1:
            return 1
        if stated > 1:
            self._go_to(stated)
            if self._decode() is not None:
                return stated
        self._rewind()
        count = 0
        while self._capture.grab():
            count += 1
        self._rewind()
        return count

    def _pixel_aspect(self) -> float:
        across = self._capture.get(cv2.CAP_PROP_SAR_NUM)
        down = self._capture.get(cv2.CAP_PROP_SAR_DEN)
        return float(across / down) if across > 0 and down > 0 else 1.0
