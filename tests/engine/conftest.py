# SPDX-License-Identifier: Apache-2.0
"""The config that every test of the engine has, whichever comes first in its process."""

from __future__ import annotations

import os

import pytest

from stmatte.images.colour import DEFAULT_CONFIG


@pytest.fixture(autouse=True)
def _one_config(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name the config that the engine would.

    OpenImageIO opens its own when it first needs one, also to write a file that names its colour
    space: a test that writes such a file first would have OpenImageIO's small one stay.
    """
    if "OCIO" not in os.environ:
        monkeypatch.setenv("OCIO", DEFAULT_CONFIG)
