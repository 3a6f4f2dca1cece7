# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.evaluation.statistics import Statistics, statistics

GOLDEN = Path(__file__).parents[2] / "parity" / "golden" / "metrics_statistics.npz"


def test_statistics_equal_the_public_evaluation_on_every_golden_vector() -> None:
    golden = np.load(GOLDEN)
    for i, expected in enumerate(golden["mean_recall_decay"]):
        values = golden["values"][golden["offsets"][i] : golden["offsets"][i + 1]]
        ours = statistics(values)
        np.testing.assert_allclose(
            (ours.mean, ours.recall, ours.decay), expected, rtol=0, atol=1e-12, err_msg=str(i)
        )


def test_quarters_share_their_end_frames() -> None:
    # 5 frames: ends 0, 1, 2, 3, 4. First quarter 0.9, 0.7 (0.8); last 0.3, 0.1 (0.2).
    ours = statistics([0.9, 0.7, 0.5, 0.3, 0.1])

    assert ours.mean == pytest.approx(0.5, abs=1e-15)
    assert ours.decay == pytest.approx(0.6, abs=1e-15)


def test_recall_counts_frames_strictly_above_a_half() -> None:
    assert statistics([0.5, 0.6, 0.4, 0.9]).recall == 0.5


def test_a_frame_without_a_score_lowers_recall_but_not_the_mean() -> None:
    ours = statistics([math.nan, 0.75, 0.75, 0.75])

    assert (ours.mean, ours.recall) == (0.75, 0.75)


def test_one_frame_does_not_decay() -> None:
    assert statistics([0.75]) == Statistics(mean=0.75, recall=1.0, decay=0.0)


def test_more_frames_than_eight_bits_hold_are_cut_into_true_quarters() -> None:
    # 401 frames: the first quarter is 0..100, the last 300..400.
    ours = statistics([1.0] * 101 + [0.5] * 199 + [0.0] * 101)

    assert ours.decay == 1.0


def test_no_scores_at_all_is_an_error() -> None:
    with pytest.raises(StmatteError, match="no scores"):
        statistics([])
