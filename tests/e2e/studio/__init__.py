# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What an e2e test works with: the server's process, encoders, players and bare sockets."""
