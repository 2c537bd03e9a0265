// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/limits.h"
#include "config/config.h"
#include "mount/media.h"

namespace floe::mount {

// What a mount has to say, as of now.
enum class Sound : uint8_t {
  kSilent,   // no source
  kNotYet,   // a source that has sent nothing where a listener could begin
  kAudible,  // who comes hears something at once
};

// What is known of a mount: events change it.
struct Standing {
  std::vector<std::string> fallbacks;  // names of mounts, the best first
  config::FallbackOverride override = config::FallbackOverride::kOwn;
  Sound sound = Sound::kSilent;
  Media media;         // of its source, or of the last one it had
  uint32_t epoch = 0;  // listeners cannot go on from one to the next

  bool operator==(const Standing&) const = default;
};

// What a look at one mount on the way through a chain came to.
enum class Verdict : uint8_t {
  kPlays,        // it is heard
  kIsLater,      // it could be heard, and another comes first
  kIsSilent,     // no source
  kIsNotYet,     // a source, and nothing of it yet
  kOtherFormat,  // audible, and of no use to who heard the mount so far
  kOtherCodec,
  kUnknown,    // there is no such mount
  kMetBefore,  // a chain leads to it a second time
  kTooFar,     // behind more than kFallbacksMax others
};

// One such look.
struct Step {
  std::string mount;
  std::string via;  // whose fallback it is; empty: the mount that was asked about
  Verdict verdict;
  Media media;  // what it has or had, where that is known

  bool operator==(const Step&) const = default;
};

// What listeners of a mount are to hear now, after an event.
struct Heading {
  std::string home;
  // All that are audible, the best first, `home` among them where it is. Not all can be joined by
  // everybody: who has heard something takes the first that goes on with it.
  std::vector<std::string> choices;
  std::string plays;       // the first that goes on with what the mount itself had; empty: none
  std::string pulls_from;  // who hears this mount now becomes a listener of `home`; empty: nobody
  bool stays = false;      // who plays another mount becomes that one's listener

  bool operator==(const Heading&) const = default;
};

// Fallbacks is the state machine of who is heard when a source is not. It knows mounts by name and
// nothing of listeners, tapes or threads: events in, headings out.
//
// The state of a mount is what its listeners play; `chain` is its fallbacks, each with those of its
// own while it is silent:
//
//   state     | event                                    | next     | action
//   ----------+------------------------------------------+----------+---------------------------
//   nothing   | its source becomes audible               | own      | listeners begin there
//             | one of the chain becomes audible         | fallback | listeners go there
//   own       | its source leaves, one of the chain      | fallback | listeners go there;
//             |   can be joined                          |          |   none: they are its own now
//             | its source leaves, none can be joined    | nothing  | listeners linger
//             | another type comes, with a takeover      | own      | who can join it does, others
//             |                                          |          |   go to one of the chain
//   fallback  | its source becomes audible               | own      | own: listeners come back;
//             |                                          |          |   all: and who hears what
//             |                                          |          |   they heard comes along;
//             |                                          |          |   none: nobody is here
//             | one higher in the chain becomes audible  | fallback | listeners go up to it
//             | what plays leaves, another can be joined | fallback | listeners go there
//             | what plays leaves, none can be joined    | nothing  | listeners linger there
//             | the configuration names another chain    | any      | as if all came anew
//
// Choosing. The mount itself if it is audible; then its fallbacks in order, each followed at once
// by its own chain if it is silent, kFallbacksMax mounts deep, no mount twice. A mount that is not
// audible is never chosen, so nobody is moved to silence. What cannot be joined is passed over.
//
// Threads   None of its own: whoever owns it calls one at a time.
// Failure   None. A chain that leads back to where it came from ends there.
class Fallbacks {
 public:
  // Events. They answer the headings of all mounts that are affected, `name` first; none when
  // nothing that counts has changed.
  std::vector<Heading> Put(absl::string_view name, Standing standing);
  std::vector<Heading> Remove(absl::string_view name);

  // Null when there is none.
  const Standing* Find(absl::string_view name) const;
  // What its listeners play: the state; empty: nothing.
  std::string PlaysOf(absl::string_view name) const;

  // The mounts that its listeners would hear if they had a source, the best first, from its own to
  // the one that plays, which is the last.
  std::vector<std::string> Sought(absl::string_view name) const;

  // The mount, and whoever comes to it by a chain.
  std::vector<std::string> AffectedBy(absl::string_view name) const;

  // Each look on the way, in order, up to the end of the chain. With `without_source`, as it would
  // be if the mount's own source left.
  std::vector<Step> Explain(absl::string_view name, bool without_source = false) const;

 private:
  struct Known {
    Standing standing;
    std::string plays;
  };
  class Walk;

  Heading Resolve(const std::string& home, Known& known);
  std::vector<Heading> ResolveAffected(absl::string_view name);
  void SetListed(const std::string& home, const std::vector<std::string>& fallbacks, bool is_on);

  std::map<std::string, Known, std::less<>> known_;
  // Who has a mount among its fallbacks, whether that mount is there or not.
  std::map<std::string, std::set<std::string>, std::less<>> listed_by_;
};

}  // namespace floe::mount
