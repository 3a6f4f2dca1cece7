# SPDX-License-Identifier: Apache-2.0
"""What networks learn from and by, in training and on a shot: motion, clips, loss, adapting."""
