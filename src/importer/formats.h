// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What each server's configuration means, as items, said in Floe's terms.
#pragma once

#include "importer/draft.h"
#include "importer/item.h"
#include "importer/surroundings.h"

namespace floe::importer {

void FromIcecast(const Item& root, const Surroundings& surroundings, Draft* draft);
// VIBE or JSON: the keys differ little.
void FromGoCast(const Item& root, Draft* draft);
void FromTinyIce(const Item& root, const Surroundings& surroundings, Draft* draft);
void FromLegacyStream(const Item& root, const Surroundings& surroundings, Draft* draft);

}  // namespace floe::importer
