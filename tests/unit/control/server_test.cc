// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "control/server.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "control/ask.h"
#include "control/socket.h"
#include "control/unix_address.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace floe::control {
namespace {

using testing::HasSubstr;

constexpr char kStatus[] = "{\"command\":\"status\"}\n";

class Recorded : public Commands {
 public:
  Json Status(const Request&) override {
    ++statuses;
    Json json;
    json["text"] = std::string(status_bytes, 'x');
    return json;
  }
  absl::StatusOr<Json> Explain(const Request& request) override {
    Json json;
    json["mount"] = request.mount;
    return json;
  }
  absl::StatusOr<Json> Kick(const Request&) override { return absl::NotFoundError("nobody"); }
  absl::StatusOr<Json> Token(const Request& request) override {
    Json json;
    json["name"] = request.name;
    return json;
  }
  absl::StatusOr<std::vector<std::string>> Reload() override {
    return std::vector<std::string>{"one", "two"};
  }
  void Upgrade(std::string, Reply reply) override { kept = std::move(reply); }
  void TakeOver(int fd) override { taken_over = fd; }

  int statuses = 0;
  size_t status_bytes = 1;
  std::optional<Reply> kept;
  int taken_over = -1;
};

// Somebody at the socket; what it says and hears is looked at without waiting.
class Peer {
 public:
  explicit Peer(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const UnixAddress address = UnixAddress::Of(path).value();
    EXPECT_EQ(connect(fd_, address.get(), address.size_bytes), 0);
  }
  Peer(Peer&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Peer() { Leave(); }
  void Leave() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }
  void Say(absl::string_view text) {
    EXPECT_EQ(send(fd_, text.data(), text.size(), MSG_NOSIGNAL), ssize_t(text.size()));
  }
  // All there is; sets is_closed at the end of it.
  std::string Hear() {
    std::string heard;
    char bytes[65536];
    for (;;) {
      const ssize_t count = recv(fd_, bytes, sizeof(bytes), MSG_DONTWAIT);
      if (count == 0 || (count < 0 && errno != EAGAIN)) is_closed = true;
      if (count <= 0) return heard;
      heard.append(bytes, size_t(count));
    }
  }
  bool is_closed = false;

 private:
  int fd_;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    std::string folder = testing::TempDir() + "/floe-control-XXXXXX";
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    EXPECT_TRUE(socket_.Open(folder + "/control.sock").ok());
    server_.Listen(socket_.fd());
  }
  ~ServerTest() override {
    commands_.kept.reset();
    std::filesystem::remove_all(folder_);
  }

  // Works off all that is there to be worked off.
  void Run() {
    for (;;) {
      std::vector<pollfd> polls;
      server_.AppendPolls(&polls);
      if (poll(polls.data(), polls.size(), 0) == 0) return server_.Serve({}, now_);
      server_.Serve(polls, now_);
    }
  }
  Peer Come() { return Peer(socket_.path()); }
  std::string Ask(absl::string_view line) {
    Peer peer = Come();
    peer.Say(line);
    Run();
    std::string answer = peer.Hear();
    EXPECT_TRUE(peer.is_closed);
    return answer;
  }

  std::filesystem::path folder_;
  Recorded commands_;
  ControlSocket socket_;
  Server server_{commands_};
  Instant now_ = Clock::now();
};

TEST_F(ServerTest, AnswersEachCommandWithOneLineAndCloses) {
  EXPECT_EQ(Ask(kStatus), "{\"ok\":true,\"result\":{\"text\":\"x\"}}\n");
  EXPECT_EQ(Ask("{\"command\":\"kick\",\"ids\":[1]}\n"), "{\"ok\":false,\"error\":\"nobody\"}\n");
  EXPECT_EQ(Ask("{\"command\":\"reload\"}\n"),
            "{\"ok\":true,\"result\":{\"changes\":[\"one\",\"two\"]}}\n");
  EXPECT_EQ(server_.peers(), 0u);
}

TEST_F(ServerTest, ALineMayComeInPiecesAndGarbageIsAnswered) {
  Peer peer = Come();
  for (const char letter : absl::string_view(kStatus)) {
    EXPECT_EQ(commands_.statuses, 0);
    peer.Say(absl::string_view(&letter, 1));
    Run();
  }
  EXPECT_THAT(peer.Hear(), HasSubstr("\"ok\":true"));
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\n\r\n"), HasSubstr("\"ok\":false"));
}

TEST_F(ServerTest, ALineThatDoesNotEndIsRefused) {
  Peer peer = Come();
  const std::string part(10'000, ' ');
  for (size_t said = 0; said <= kRequestBytesMax; said += part.size()) {
    peer.Say(part);
    Run();
  }
  EXPECT_THAT(peer.Hear(), HasSubstr("too long"));
  EXPECT_TRUE(peer.is_closed);
  EXPECT_EQ(server_.peers(), 0u);
}

TEST_F(ServerTest, WhoIsSilentIsLetGoAndHarmsNobody) {
  Peer silent = Come(), half = Come();
  half.Say("{\"command\":");
  Run();
  EXPECT_THAT(Ask(kStatus), HasSubstr("true"));
  ASSERT_TRUE(server_.NextDeadline().has_value());
  now_ = *server_.NextDeadline();
  Run();
  silent.Hear(), half.Hear();
  EXPECT_TRUE(silent.is_closed && half.is_closed);
  EXPECT_EQ(server_.NextDeadline(), std::nullopt);
}

TEST_F(ServerTest, AmongManyWhoAreSilentOneThatAsksIsAnsweredAtOnce) {
  std::vector<Peer> silent;
  for (size_t i = 0; i < 3 * kPeersMax; ++i) {
    silent.push_back(Come());
    Run();
    EXPECT_LE(server_.peers(), kPeersMax);
  }
  EXPECT_THAT(Ask(kStatus), HasSubstr("true"));
}

TEST_F(ServerTest, WhoDoesNotTakeItsAnswerIsLetGo) {
  commands_.status_bytes = 4 << 20;
  Peer slow = Come();
  slow.Say(kStatus);
  Run();
  EXPECT_EQ(server_.peers(), 1u);
  EXPECT_THAT(Ask("{\"command\":\"reload\"}\n"), HasSubstr("true"));
  now_ = Clock::now() + kTakeTimeMax;
  Run();
  EXPECT_EQ(server_.peers(), 0u);
}

TEST_F(ServerTest, ALongAnswerArrivesWhole) {
  commands_.status_bytes = 4 << 20;
  Peer peer = Come();
  peer.Say(kStatus);
  std::string answer;
  while (!peer.is_closed) {
    Run();
    answer += peer.Hear();
  }
  EXPECT_EQ(Json::parse(answer)["result"]["text"].get<std::string>().size(), size_t{4} << 20);
}

TEST_F(ServerTest, ALateAnswerReachesWhoWaitsForIt) {
  Peer peer = Come();
  peer.Say("{\"command\":\"upgrade\"}\n");
  Run();
  ASSERT_TRUE(commands_.kept.has_value());
  now_ += 1h;
  Run();  // who waits for the server has time
  commands_.kept->Progress("half");
  EXPECT_EQ(peer.Hear(), "{\"progress\":\"half\"}\n");
  Json result;
  result["listeners"] = 7;
  commands_.kept->Finish(result);
  EXPECT_EQ(peer.Hear(), "{\"ok\":true,\"result\":{\"listeners\":7}}\n");
  EXPECT_TRUE(peer.is_closed);
  commands_.kept->Progress("nobody hears this");
  commands_.kept->Fail(absl::InternalError("nor this"));
}

TEST_F(ServerTest, WhoLeavesBeforeItsAnswerIsForgotten) {
  Peer peer = Come();
  peer.Say("{\"command\":\"upgrade\"}\n");
  Run();
  peer.Leave();
  Run();
  EXPECT_EQ(server_.peers(), 0u);
  commands_.kept->Progress("half");
  commands_.kept->Finish({});
}

TEST_F(ServerTest, AReplyThatIsDroppedSaysSo) {
  Peer peer = Come();
  peer.Say("{\"command\":\"upgrade\"}\n");
  Run();
  commands_.kept.reset();
  EXPECT_THAT(peer.Hear(), HasSubstr("\"ok\":false"));
}

TEST_F(ServerTest, NoByteBehindATakeOverIsRead) {
  Peer peer = Come();
  peer.Say("{\"command\":\"take-");
  Run();
  peer.Say("over\"}\nbinary\n");
  Run();
  ASSERT_GE(commands_.taken_over, 0);
  EXPECT_EQ(server_.peers(), 0u);
  char bytes[64];
  ASSERT_EQ(recv(commands_.taken_over, bytes, sizeof(bytes), MSG_DONTWAIT), 7);
  EXPECT_EQ(absl::string_view(bytes, 7), "binary\n");
  EXPECT_EQ(send(commands_.taken_over, "there", 5, MSG_NOSIGNAL), 5);
  close(commands_.taken_over);
  EXPECT_EQ(peer.Hear(), "there");
}

TEST_F(ServerTest, WhoComesAfterItClosedWaitsForTheNext) {
  server_.Close();
  Peer late = Come();
  late.Say(kStatus);
  Run();
  EXPECT_EQ(late.Hear(), "");
  server_.Listen(socket_.fd());  // as the next process would
  Run();
  EXPECT_THAT(late.Hear(), HasSubstr("true"));
}

TEST_F(ServerTest, WithoutADescriptorLeftItTriesAgainLaterAndDoesNotSpin) {
  Peer peer = Come();
  peer.Say(kStatus);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  std::vector<pollfd> polls = {{.fd = socket_.fd(), .events = POLLIN, .revents = POLLIN}};
  server_.Serve(polls, now_);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  polls.clear();
  server_.AppendPolls(&polls);
  EXPECT_TRUE(polls.empty());
  ASSERT_TRUE(server_.NextDeadline().has_value());
  now_ = *server_.NextDeadline();
  server_.Serve({}, now_);
  Run();
  EXPECT_THAT(peer.Hear(), HasSubstr("true"));
}

// ---- the asking side ----

class AskTest : public ServerTest {
 protected:
  void SetUp() override {
    serving_ = std::thread([this] { Serve(); });
  }
  void TearDown() override {
    stop_ = true;
    serving_.join();
  }
  void Serve() {
    while (!stop_) {
      std::vector<pollfd> polls;
      server_.AppendPolls(&polls);
      poll(polls.data(), polls.size(), /*timeout=*/5);
      server_.Serve(polls, Clock::now());
      if (!commands_.kept.has_value()) continue;
      commands_.kept->Progress("half");
      commands_.kept->Fail(absl::InternalError("the old one goes on"));
      commands_.kept.reset();
    }
  }
  absl::StatusOr<Json> AskIt(Request::Command command) {
    Request request;
    request.command = command;
    return control::Ask({"/nowhere/control.sock", socket_.path()}, request, 10s,
                        [this](absl::string_view text) { progress_.emplace_back(text); });
  }

  std::vector<std::string> progress_;
  std::atomic<bool> stop_{false};
  std::thread serving_;
};

TEST_F(AskTest, TheFirstServerThatListensAnswers) {
  const absl::StatusOr<Json> status = AskIt(Request::Command::kStatus);
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ((*status)["text"], "x");
}

TEST_F(AskTest, ProgressIsToldAndThenWhyItFailed) {
  const absl::Status failed = AskIt(Request::Command::kUpgrade).status();
  EXPECT_EQ(failed.message(), "the old one goes on");
  EXPECT_EQ(progress_, std::vector<std::string>{"half"});
}

TEST(Ask, WhereNobodyListensIsSaidWithAllPlaces) {
  const absl::Status failed =
      Ask({"/nowhere/a.sock", "/nowhere/b.sock"}, {}, 1s, [](absl::string_view) {}).status();
  EXPECT_TRUE(absl::IsNotFound(failed));
  EXPECT_THAT(std::string(failed.message()),
              testing::AllOf(HasSubstr("no floe answers at /nowhere/a.sock: No such file"),
                             HasSubstr("/nowhere/b.sock")));
}

}  // namespace
}  // namespace floe::control
