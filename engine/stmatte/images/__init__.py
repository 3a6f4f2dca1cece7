# SPDX-License-Identifier: Apache-2.0
"""Pixels in and out: plates, keys, the display view, geometry, matte files, previews."""

from stmatte.images.colour import ColourSpace
from stmatte.images.geometry import to_plate, to_working, working_size
from stmatte.images.keys import fit_key, read_key
from stmatte.images.labels import read_labels
from stmatte.images.matte_file import matte_path, read_matte
from stmatte.images.mattes import Windows, read_mattes, read_words, write_mattes
from stmatte.images.plate import Picture, Plate
from stmatte.images.plates import open_plate
from stmatte.images.preview import contact_sheet, overlay, write_png
from stmatte.images.sequences import Sequence, expand, find_sequence, is_video
from stmatte.images.view import exposure_for, measure_exposure, stops_in, to_display
from stmatte.images.windows import Box

__all__ = [
    "Box",
    "ColourSpace",
    "Picture",
    "Plate",
    "Sequence",
    "Windows",
    "contact_sheet",
    "expand",
    "exposure_for",
    "find_sequence",
    "fit_key",
    "is_video",
    "matte_path",
    "measure_exposure",
    "open_plate",
    "overlay",
    "read_key",
    "read_labels",
    "read_matte",
    "read_mattes",
    "read_words",
    "stops_in",
    "to_display",
    "to_plate",
    "to_working",
    "working_size",
    "write_mattes",
    "write_png",
]
