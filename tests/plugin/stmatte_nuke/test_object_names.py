# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from checks import refused

from stmatte_nuke.object_names import check_names


def test_names_that_nuke_shows_as_they_are_pass() -> None:
    check_names(["hero", "hero_1", "Car2", "hero_", "h"], ["main"])


def test_a_name_that_would_be_folded_is_refused_with_the_nearest_one() -> None:
    with refused('Object name "hero 1" cannot be used: a name starts with a letter'):
        check_names(["hero 1"])
    with refused('Rename the object, for instance "hero_1".'):
        check_names(["hero-1"])
    with refused('for instance "Hero".'):
        check_names(["Héro"])
    with refused('for instance "hero_01".'):
        check_names(["01hero"])
    with refused("60 at most"):
        check_names(["h" * 61])


def test_the_nearest_name_is_never_one_that_is_there_already() -> None:
    with refused('for instance "hero_1_2".'):  # "hero 1" folds onto the other object's name
        check_names(["hero_1", "hero 1"])


def test_names_that_hosts_keep_are_refused_in_any_capitals() -> None:
    for name in ("rgba", "Alpha", "mask", "depth", "uncertainty"):
        with refused(f'for instance "{name}_object".'):
            check_names([name])


def test_a_name_of_a_view_of_this_script_is_refused() -> None:
    check_names(["cyclops"], ["left", "right"])
    with refused('the script has a view "cyclops"'):
        check_names(["Cyclops"], ["cyclops", "right"])


def test_two_objects_never_share_a_name() -> None:
    with refused('Object name "hero" cannot be used: another object has it.'):
        check_names(["hero", "hero"])
    with refused('it differs from "hero" in capitals only'):
        check_names(["hero", "Hero"])
