# SPDX-License-Identifier: Apache-2.0
"""Networks, one file each, and the protocol that all of them keep."""
