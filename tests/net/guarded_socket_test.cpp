// A live socket whose credential ends.

#include "net/guarded_socket.hpp"

#include <limits>

#include <catch2/catch.hpp>

#include "protocol/limits.hpp"
#include "tests/support/recording_sink.hpp"
#include "tests/support/result_text.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

/// The dialect behind the watch: keeps what it is given.
struct inner_record {
  std::vector<std::string> frames;
  std::vector<stream_id> taken;
  int access_changes = 0;
  int closed = 0;
};

class inner_handler final : public frame_handler {
public:
  explicit inner_handler(inner_record& record) : record_{record} {}
  void on_frame(frame_kind, std::string bytes) override {
    record_.frames.push_back(std::move(bytes));
  }
  void on_taken(stream_id stream) override { record_.taken.push_back(stream); }
  void on_access_changed() override { ++record_.access_changes; }
  void on_closed() override { ++record_.closed; }

private:
  inner_record& record_;
};

token_record record_of(std::string id, std::string_view token,
                       std::string_view scopes,
                       std::optional<std::int64_t> expires_at = {}) {
  token_record out;
  out.id = std::move(id);
  out.digest = sha256(token);
  out.scopes = *parse_scopes(scopes);
  out.expires_at = expires_at;
  return out;
}

std::int64_t seconds_from_now(std::int64_t ahead) {
  return moment::now().unix_seconds + ahead;
}

std::string refresh(std::string_view token) {
  return R"({"channel":"auth","type":"refresh","token":")" +
         std::string{token} + R"("})";
}

class guarded_fixture {
public:
  guarded_fixture() {
    add(record_of("0000000a", "old", "terminal", seconds_from_now(3600)));
    add(record_of("0000000b", "fresh", "terminal files",
                  seconds_from_now(7200)));
    add(record_of("0000000c", "endless", "all"));
    add(record_of("0000000d", "narrow", "terminal:3"));
    add(record_of("0000000e", "over", "all", seconds_from_now(-1)));
  }
  ~guarded_fixture() {
    if (handler)
      handler->on_closed();
  }

  void add(token_record record) {
    context.access.known.tokens.push_back(std::move(record));
  }
  /// Who shows this token, which may be over since.
  principal holder_of(std::string_view token) {
    auto who = identify_token(context.access, token, {0, {}});
    REQUIRE(who);
    return *who;
  }

  /// Opens a socket; `ahead` is when its credential ends, in seconds.
  void open(principal who, std::chrono::milliseconds grace = 60s) {
    const peer from{"127.0.0.1", to_source(asio::ip::make_address("192.0.2.1")),
                    false, false};
    socket_plan plan{
        [this](auto) { return std::make_unique<inner_handler>(inner); }, 1000};
    guard_socket(context, from, who, plan, grace);
    CHECK(plan.max_message == 1000);
    handler = plan.open(sink);
    poll();
  }
  void open_expiring(std::int64_t ahead,
                     std::chrono::milliseconds grace = 60s) {
    auto who = holder_of("old");
    who.expires_at = seconds_from_now(ahead);
    context.access.known.tokens.front().expires_at = who.expires_at;
    open(who, grace);
  }

  void say(std::string text) {
    handler->on_frame(frame_kind::text, std::move(text));
  }
  void poll() {
    loop.restart();
    loop.poll();
  }
  bool run_until(const std::function<bool()>& finished) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    loop.restart();
    while (!finished() && std::chrono::steady_clock::now() < end)
      loop.run_one_for(10ms);
    return finished();
  }
  std::string last_text() const {
    const auto all = sink->texts();
    return all.empty() ? std::string{} : all.back();
  }
  bool told(std::string_view part) const {
    return last_text().find(part) != std::string::npos;
  }

  asio::io_context loop{1};
  edge_meters counted;
  server_context context{loop, {}, counted};
  std::shared_ptr<recording_sink> sink = std::make_shared<recording_sink>();
  inner_record inner;
  std::unique_ptr<frame_handler> handler;
};

} // namespace

// -- in between ---------------------------------------------------------------

TEST_CASE_METHOD(guarded_fixture, "everything passes the watch") {
  open_expiring(3600);
  say("{}");
  handler->on_frame(frame_kind::binary, "\1ls");
  handler->on_taken(7);
  CHECK(inner.frames == std::vector<std::string>{"{}", "\1ls"});
  CHECK(inner.taken == std::vector<stream_id>{7});
  CHECK(sink->consumed == 0); // whoever has the frame says so
  CHECK(sink->sent.empty());
  handler->on_closed();
  CHECK(inner.closed == 1);
  handler.reset();
}

TEST_CASE_METHOD(guarded_fixture,
                 "frames that merely mention the channel pass too") {
  open_expiring(3600);
  const std::vector<std::string> others{
      R"({"channel":"terminal","type":"resize","id":"auth"})",
      R"({"type":"auth"})",
      R"(["auth"])",
      R"("auth")",
      R"({"channel":"auth")",
      R"({"channel":"AUTH"} "auth")"};
  for (const auto& other : others)
    say(other);
  handler->on_frame(frame_kind::binary, refresh("fresh"));
  CHECK(inner.frames.size() == others.size() + 1);
  CHECK(sink->sent.empty());
}

TEST_CASE_METHOD(guarded_fixture, "who needs no credential is not watched") {
  principal nobody;
  principal by_option = nobody; // --no-auth
  by_option.authenticated = true;
  by_option.name = "no-auth";
  principal local = by_option;
  local.by_credential = true;
  local.credential = "local";
  for (const auto& who : {nobody, by_option, local}) {
    open(who);
    say(refresh("fresh")); // its dialect has the word
    CHECK(inner.frames.size() == 1);
    inner.frames.clear();
  }
}

TEST_CASE_METHOD(guarded_fixture, "a plan that opens nothing opens nothing") {
  socket_plan plan{[](auto) { return nullptr; }, 1000};
  guard_socket(context, {}, holder_of("old"), plan);
  CHECK(plan.open(sink) == nullptr);
}

TEST_CASE_METHOD(guarded_fixture, "a credential without an end has none") {
  open(holder_of("endless"));
  loop.restart();
  loop.run(); // no timer is left
  CHECK(sink->sent.empty());
  CHECK_FALSE(sink->closed);
}

TEST_CASE_METHOD(guarded_fixture, "an end in ten thousand years is far away") {
  const auto end = GENERATE(std::int64_t{253'402'300'799},
                            std::numeric_limits<std::int64_t>::max());
  auto who = holder_of("old");
  who.expires_at = end;
  context.access.known.tokens.front().expires_at = end;
  open(who);
  loop.restart();
  CHECK(loop.poll() == 0); // nothing is due
  CHECK(sink->sent.empty());
  CHECK_FALSE(sink->closed);
}

// -- the end ------------------------------------------------------------------

TEST_CASE_METHOD(guarded_fixture,
                 "a client is told that its credential ended") {
  open_expiring(0);
  REQUIRE(sink->texts().size() == 1);
  CHECK(told(R"("channel":"auth")"));
  CHECK(told(R"("type":"auth_expiring")"));
  CHECK(told(R"("grace_seconds":60)"));
  CHECK(sink->sent[0].stream == control_stream);
  CHECK_FALSE(sink->closed);
  say("{}"); // and goes on for now
  CHECK(inner.frames.size() == 1);
}

TEST_CASE_METHOD(guarded_fixture, "it is told when the time comes") {
  open_expiring(2);
  CHECK(sink->sent.empty());
  CHECK(run_until([&] { return !sink->sent.empty(); }));
  CHECK(told("auth_expiring"));
  CHECK(moment::now().unix_seconds >=
        *context.access.known.tokens[0].expires_at);
}

TEST_CASE_METHOD(guarded_fixture, "after its grace the socket is closed") {
  const auto begin = std::chrono::steady_clock::now();
  open_expiring(-100, 50ms); // noticed late: it has its grace all the same
  CHECK(told("auth_expiring"));
  CHECK_FALSE(sink->closed);
  REQUIRE(run_until([&] { return sink->closed.has_value(); }));
  CHECK(std::chrono::steady_clock::now() - begin >= 50ms);
  CHECK(*sink->closed == close_code::unauthorized);
  CHECK(static_cast<int>(*sink->closed) == 4401);
  CHECK(sink->texts().size() == 1); // it was told once
  CHECK(inner.closed == 0);         // the socket's end is the session's news
}

TEST_CASE_METHOD(guarded_fixture, "the grace is a minute") {
  CHECK(limits::auth_grace == 60s);
  open_expiring(0, limits::auth_grace);
  loop.restart();
  loop.run_for(100ms);
  CHECK_FALSE(sink->closed);
}

TEST_CASE_METHOD(guarded_fixture, "a socket that ended is not closed again") {
  open_expiring(0, 20ms);
  handler->on_closed();
  loop.restart();
  loop.run();
  CHECK_FALSE(sink->closed);
  handler.reset();
}

TEST_CASE_METHOD(guarded_fixture, "a watch that is gone does nothing") {
  open_expiring(0, 0ms);
  handler.reset(); // its timer was due already
  const auto before = sink->texts().size();
  poll();
  CHECK(sink->texts().size() == before);
}

// -- another credential -------------------------------------------------------

TEST_CASE_METHOD(guarded_fixture, "a fresh token renews the socket") {
  open_expiring(0, 50ms);
  say(refresh("fresh"));
  CHECK(told(R"("type":"auth_refreshed")"));
  CHECK(told(std::to_string(*context.access.known.tokens[1].expires_at)));
  CHECK(sink->consumed == refresh("fresh").size());
  CHECK(inner.frames.empty());
  loop.restart();
  loop.run_for(200ms); // the grace of the old one is over
  CHECK_FALSE(sink->closed);
}

TEST_CASE_METHOD(guarded_fixture, "a token without an end renews it for good") {
  open_expiring(0, 20ms);
  say(refresh("endless"));
  CHECK(told(R"("expires_at":null)"));
  loop.restart();
  loop.run();
  CHECK_FALSE(sink->closed);
}

TEST_CASE_METHOD(guarded_fixture, "a token may be renewed before it ends") {
  open_expiring(3600);
  say(refresh("fresh"));
  CHECK(told("auth_refreshed"));
}

TEST_CASE_METHOD(guarded_fixture, "after a renewal the end comes again") {
  open_expiring(3600, 30ms);
  context.access.known.tokens[1].expires_at = seconds_from_now(2);
  say(refresh("fresh"));
  REQUIRE(told("auth_refreshed"));
  CHECK(run_until([&] { return told("auth_expiring"); }));
  CHECK(run_until([&] { return sink->closed.has_value(); }));
}

TEST_CASE_METHOD(guarded_fixture, "a wrong token renews nothing") {
  const auto* token = GENERATE("wrong", "over", "", "tkt_0123", "a.b.c");
  open_expiring(0, 50ms);
  say(refresh(token));
  CHECK(told(R"("type":"error")"));
  CHECK(told("authentication_error"));
  CHECK(inner.frames.empty());
  CHECK(counted.denied[static_cast<std::size_t>(denial::invalid)] == 1);
  CHECK(context.offenders.size() == 1);
  CHECK(run_until([&] { return sink->closed.has_value(); }));
}

TEST_CASE_METHOD(guarded_fixture, "a refusal does not repeat the token") {
  open_expiring(3600);
  say(refresh("canary-canary"));
  CHECK(told(R"("type":"error")"));
  CHECK_FALSE(told("canary"));
}

TEST_CASE_METHOD(guarded_fixture, "a narrower token renews nothing") {
  open_expiring(0, 50ms);
  say(refresh("narrow"));
  CHECK(told(R"("code":"forbidden")"));
  CHECK(context.offenders.size() == 0); // it is a good one, for other things
  CHECK(run_until([&] { return sink->closed.has_value(); }));
}

TEST_CASE_METHOD(guarded_fixture,
                 "a token is measured by the first one's scopes") {
  open_expiring(3600);
  say(refresh("endless"));
  REQUIRE(told("auth_refreshed"));
  say(refresh("fresh")); // less than the second, as much as the first
  // What the socket may do has not grown, so it need not be kept.
  CHECK(told("auth_refreshed"));
}

TEST_CASE_METHOD(guarded_fixture, "what is no refresh is told so") {
  open_expiring(3600);
  const std::string frame =
      GENERATE(R"({"channel":"auth"})", R"({"channel":"auth","type":"logout"})",
               R"({"channel":"auth","type":"refresh"})",
               R"({"channel":"auth","type":"refresh","token":3})");
  say(frame);
  CHECK(told(R"("type":"error")"));
  CHECK(told("validation_error"));
  CHECK(sink->consumed == frame.size());
  CHECK(inner.frames.empty());
  CHECK_FALSE(sink->closed);
}

TEST_CASE_METHOD(guarded_fixture, "a socket may guess a few times only") {
  open_expiring(3600);
  for (int i = 0; i < 4; ++i)
    say(refresh("wrong"));
  CHECK_FALSE(sink->closed);
  say(refresh("wrong"));
  CHECK(sink->closed == close_code::policy_violation);
}

// -- revocation ---------------------------------------------------------------

TEST_CASE_METHOD(guarded_fixture, "a revoked credential ends the socket") {
  open(holder_of("old"));
  auto& tokens = context.access.known.tokens;
  tokens.erase(tokens.begin());
  handler->on_access_changed();
  CHECK(sink->closed == close_code::unauthorized);
  CHECK(inner.access_changes == 0);
}

TEST_CASE_METHOD(guarded_fixture, "what concerns others is passed on") {
  open(holder_of("old"));
  context.access.known.tokens.pop_back();
  handler->on_access_changed();
  CHECK_FALSE(sink->closed);
  CHECK(inner.access_changes == 1);
}

TEST_CASE_METHOD(guarded_fixture, "in its grace a credential is not revoked") {
  open_expiring(0);
  REQUIRE(told("auth_expiring"));
  handler->on_access_changed();
  CHECK_FALSE(sink->closed);
}

TEST_CASE_METHOD(guarded_fixture, "revoked in its grace it is") {
  open_expiring(0);
  context.access.known.tokens.erase(context.access.known.tokens.begin());
  handler->on_access_changed();
  CHECK(sink->closed == close_code::unauthorized);
}

TEST_CASE_METHOD(guarded_fixture, "after a renewal the new one counts") {
  open(holder_of("old"));
  say(refresh("fresh"));
  auto& tokens = context.access.known.tokens;
  tokens.erase(tokens.begin()); // the old one
  handler->on_access_changed();
  CHECK_FALSE(sink->closed);
  tokens.erase(tokens.begin());
  handler->on_access_changed();
  CHECK(sink->closed == close_code::unauthorized);
}

TEST_CASE_METHOD(guarded_fixture, "one revoked before it opened ends at once") {
  const auto who = holder_of("old");
  context.access.known.tokens.erase(context.access.known.tokens.begin());
  open(who);
  CHECK(sink->closed == close_code::unauthorized);
}

// -- credentials shown later --------------------------------------------------

TEST_CASE_METHOD(guarded_fixture, "a credential shown later is judged alike") {
  auto shared = std::make_shared<server_context>(loop, context.access, counted);
  const peer from{"127.0.0.1", to_source(asio::ip::make_address("192.0.2.1")),
                  false, false};
  const auto check = check_credential(shared, from);
  const auto good = check("fresh");
  REQUIRE(good);
  CHECK(good->name == "token 0000000b");
  CHECK(check("wrong").has_error());
  CHECK(shared->offenders.size() == 1);
  CHECK(counted.denied[static_cast<std::size_t>(denial::invalid)] == 1);
  shared.reset(); // the daemon is gone
  const auto late = check("fresh");
  REQUIRE(late.has_error());
  CHECK(late.error().code == errc::unavailable);
}

} // namespace outrigger
