# SPDX-License-Identifier: Apache-2.0
"""From openly licensed pictures to weights: corpus, clips, objective, loop."""
