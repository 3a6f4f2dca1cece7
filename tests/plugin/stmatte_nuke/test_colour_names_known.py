# SPDX-License-Identifier: Apache-2.0
"""What is told to the engine of a plate's colour space is asked of the engine itself."""

from __future__ import annotations

import paths  # noqa: F401
import pytest

from stmatte.images import colour
from stmatte_nuke.colour_names import KNOWN


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_the_engine_knows_every_name_by_the_config_that_it_carries(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCIO", colour.DEFAULT_CONFIG)

    assert colour.find_space(name)
