# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from stmatte import Settings, StmatteError


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"working_height": 63}, "Working height 63 is too small: 64 pixels or more."),
        ({"memory_every": -1}, "Memory every -1 frames is not possible: 0 (never) or more."),
        ({"device": "tpu"}, 'Device "tpu" is not known: auto, cpu or cuda.'),
        ({"memory_frames": 0}, "Memory of 0 frames is not possible: 1 or more."),
        ({"reach": 0}, 'Reach 0 is not possible: 1 key on either side or more, or "all".'),
        ({"exposure": 20.5}, "Exposure 20.5 is not possible: stops from -20 to 20."),
        ({"exposure": float("nan")}, "Exposure nan is not possible: stops from -20 to 20."),
        ({"edges": "soft"}, 'Edges "soft" are not known: off, guided or matting.'),
        ({"focus": "on"}, 'Focus "on" is not known: off or auto.'),
        (
            {"precision": "int8"},
            'Precision "int8" is not known: float32, bfloat16 or float16.',
        ),
        (
            {"adapt": 1001},
            "Adapting in 1001 steps is not possible: 0 (not at all) to 1000 steps.",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_setting_that_cannot_be_is_refused(setting: dict[str, object], sentence: str) -> None:
    with pytest.raises(StmatteError) as refused:
        Settings(**setting)  # type: ignore[arg-type]

    assert str(refused.value) == sentence


def test_the_least_settings_that_can_be_are_taken() -> None:
    assert Settings(working_height=64, memory_every=0, device="cpu").memory_every == 0
    assert Settings(memory_frames=1, reach=1).reach == 1
    assert Settings(reach="all").reach == "all"
