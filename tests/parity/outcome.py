# SPDX-License-Identifier: Apache-2.0
"""How far one golden file and our result are apart, and whether that is near enough."""

from __future__ import annotations

from dataclasses import dataclass

MOST_PROBABILITY = 2e-4
MOST_LABELS = 5


@dataclass(frozen=True)
class Outcome:
    """The distance between our result and one golden file.

    probability  largest difference of any probability
    labels       pixels over the whole clip whose label differs
    trouble      what else is wrong, in words; "" if nothing
    """

    probability: float
    labels: int = 0
    trouble: str = ""

    @property
    def agrees(self) -> bool:
        """Whether all is within tolerance; NaN never is."""
        near = self.probability <= MOST_PROBABILITY and self.labels <= MOST_LABELS
        return near and not self.trouble

    def __str__(self) -> str:
        verdict = "ok" if self.agrees else "FAIL"
        note = f"  {self.trouble}" if self.trouble else ""
        return f"{self.probability:11.2e}  {self.labels:12d}  {verdict}{note}"
