# SPDX-License-Identifier: Apache-2.0
"""Pages to look at: what a delivery's mattes are, before anybody opens a compositor.

A page is one file that a browser opens from disk and that asks nobody for anything. It shows
what the matte files say and what the plan says of them; it computes no matte and changes none.
"""

from stmatte.review.notes import Note, Notes, read_notes
from stmatte.review.reviewing import Look, Reviewed, review

__all__ = ["Look", "Note", "Notes", "Reviewed", "read_notes", "review"]
