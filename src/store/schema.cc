// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "store/schema.h"

namespace floe::store {
namespace {

constexpr SchemaStep kSteps[] = {
    // AUTOINCREMENT: a number is never given twice, also when the newest row is gone.
    {1, R"(CREATE TABLE journal(
             id INTEGER PRIMARY KEY AUTOINCREMENT,
             lane TEXT NOT NULL,
             body TEXT NOT NULL,
             extra TEXT NOT NULL,
             appended_s INTEGER NOT NULL,
             taken_by INTEGER NOT NULL DEFAULT 0,
             taken_until_s INTEGER NOT NULL DEFAULT 0);
           CREATE INDEX journal_lane ON journal(lane, id);)"},
    // A song is told from another by the event it was: see WriteSongs.
    {2, R"(CREATE TABLE songs(
             id INTEGER PRIMARY KEY,
             run INTEGER NOT NULL,
             number INTEGER NOT NULL,
             mount TEXT NOT NULL,
             begun_ms INTEGER NOT NULL,
             title TEXT NOT NULL,
             url TEXT NOT NULL,
             listeners INTEGER NOT NULL,
             UNIQUE(run, number));
           CREATE INDEX songs_mount ON songs(mount, begun_ms);
           CREATE INDEX songs_begun ON songs(begun_ms);
           CREATE TABLE sessions(
             id INTEGER PRIMARY KEY,
             mount TEXT NOT NULL,
             ended_ms INTEGER NOT NULL,
             lasted_ms INTEGER NOT NULL,
             bytes INTEGER NOT NULL,
             address TEXT NOT NULL,
             agent TEXT NOT NULL,
             user TEXT NOT NULL,
             cause TEXT NOT NULL);
           CREATE INDEX sessions_mount ON sessions(mount, id);
           CREATE INDEX sessions_ended ON sessions(ended_ms);
           CREATE TABLE listened(
             mount TEXT NOT NULL,
             hour INTEGER NOT NULL,
             listened_ms INTEGER NOT NULL,
             sessions INTEGER NOT NULL,
             bytes INTEGER NOT NULL,
             PRIMARY KEY(mount, hour)) WITHOUT ROWID;)"},
};

}  // namespace

std::span<const SchemaStep> Schema() { return kSteps; }

}  // namespace floe::store
