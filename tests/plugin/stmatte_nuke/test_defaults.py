# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import paths  # noqa: F401  fake and plug-in on the path

from stmatte.naming import check_object_name
from stmatte.settings import Settings
from stmatte_host.names import object_name
from stmatte_nuke.object_names import check_names
from stmatte_nuke.state import DEFAULTS


def test_what_a_node_leaves_unsaid_is_what_the_engine_takes() -> None:
    engines = Settings()

    assert {name: getattr(engines, name) for name in DEFAULTS} == DEFAULTS


def test_whatever_nuke_lets_pass_the_engine_takes_as_it_is() -> None:
    for name in ("hero", "hero_", "Car2", object_name("Héro 1"), object_name("depth"), "h" * 60):
        check_names([name], ["main"])
        assert check_object_name(name) == name
