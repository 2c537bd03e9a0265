# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
