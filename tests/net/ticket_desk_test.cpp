// POST /ticket: who gets which.

#include "net/ticket_desk.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "protocol/limits.hpp"
#include "tests/support/result_text.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

const moment now{1'800'000'000, {}};

principal holder_of(std::string_view scopes) {
  principal out;
  out.authenticated = true;
  out.name = "token 0123abcd";
  out.scopes = *parse_scopes(scopes);
  out.expires_at = now.unix_seconds + 5;
  out.credential = "token:0123abcd:00";
  return out;
}

struct ticket_fixture {
  ticket_book tickets;

  result<rest_answer> ask(std::string body, principal who = holder_of("all")) {
    rest_call call;
    call.body = std::move(body);
    call.who = std::move(who);
    return issue_ticket(call, tickets, now);
  }

  errc refusal(std::string body, principal who = holder_of("all")) {
    const auto answer = ask(std::move(body), std::move(who));
    REQUIRE(answer.has_error());
    CHECK(tickets.size() == 0);
    return answer.error().code;
  }

  /// The ticket in the answer to a request that is granted.
  std::string issued(std::string body, principal who = holder_of("all")) {
    const auto answer = ask(std::move(body), std::move(who));
    REQUIRE(answer);
    CHECK(answer->status == 201);
    const auto begin = answer->body.find(ticket_prefix);
    REQUIRE(begin != std::string::npos);
    return answer->body.substr(begin, answer->body.find('"', begin) - begin);
  }
};

} // namespace

TEST_CASE_METHOD(ticket_fixture, "a ticket is its maker for 30 s") {
  const auto ticket = issued(R"({"path":"/ws"})");
  const auto who = tickets.redeem(ticket, "/ws", now.steady + 29s);
  REQUIRE(who);
  CHECK(who->name == "token 0123abcd");
  CHECK(who->scopes == scope_set::everything());
  CHECK(who->expires_at == now.unix_seconds + 5);
  CHECK(who->credential == "token:0123abcd:00");
  CHECK(who->by_ticket);
  const auto late = issued(R"({"path":"/ws"})");
  CHECK_FALSE(tickets.redeem(late, "/ws", now.steady + 30s));
}

TEST_CASE_METHOD(ticket_fixture, "no two tickets are alike, and all are long") {
  std::set<std::string> all;
  for (int i = 0; i < 100; ++i) {
    const auto ticket = issued(R"({"path":"/ws"})");
    CHECK(ticket.size() == ticket_prefix.size() + 43); // 256 bits
    CHECK(all.insert(ticket).second);
  }
}

TEST_CASE_METHOD(ticket_fixture, "a ticket is bound to the canonical path") {
  const auto answer = ask(R"({"path":"/runtimes/local/oblien/ws"})");
  REQUIRE(answer);
  CHECK(answer->body.find(R"("path":"/ws")") != std::string::npos);
  CHECK(answer->body.find(R"("expires_in":30)") != std::string::npos);
}

TEST_CASE_METHOD(ticket_fixture, "every route may have a ticket") {
  for (const auto& row : routes()) {
    std::string path{row.pattern};
    if (const auto at = path.find("{id}"); at != std::string::npos)
      path.replace(at, 4, "3");
    CAPTURE(path);
    const auto ticket = issued(R"({"path":")" + path + R"("})");
    CHECK(tickets.redeem(ticket, path, now.steady));
  }
}

TEST_CASE_METHOD(ticket_fixture, "a ticket may be narrower than its maker") {
  const auto ticket = issued(R"({"path":"/ws","scope":"terminal:3:view"})",
                             holder_of("terminal"));
  const auto who = tickets.redeem(ticket, "/ws", now.steady);
  REQUIRE(who);
  CHECK(who->scopes.to_text() == "terminal:3:view");
}

TEST_CASE_METHOD(ticket_fixture, "a ticket is never wider than its maker") {
  const auto [mine, wanted] = GENERATE(table<std::string, std::string>({
      {"read", "all"},
      {"read", "terminal:3"},
      {"terminal:3", "terminal:4"},
      {"terminal:3:view", "terminal:3"},
      {"terminal:3 files", "terminal:3 files read"},
  }));
  CAPTURE(mine, wanted);
  CHECK(refusal(R"({"path":"/ws","scope":")" + wanted + R"("})",
                holder_of(mine)) == errc::forbidden);
}

TEST_CASE_METHOD(ticket_fixture, "strangers get no ticket") {
  CHECK(refusal(R"({"path":"/ws"})", principal{}) == errc::unauthorized);
}

TEST_CASE_METHOD(ticket_fixture, "a ticket makes no further tickets") {
  auto who = holder_of("all");
  who.by_ticket = true;
  CHECK(refusal(R"({"path":"/ws"})", who) == errc::forbidden);
}

TEST_CASE_METHOD(ticket_fixture, "there is no ticket for what is no route") {
  const auto* path = GENERATE("/nothing", "/app.js", "/ws/x", "/Terminals",
                              "/runtimes/elsewhere/ws", "/terminals/");
  CHECK(refusal(R"({"path":")" + std::string{path} + R"("})") ==
        errc::not_found);
}

TEST_CASE_METHOD(ticket_fixture, "a malformed request gets no ticket") {
  const auto* body =
      GENERATE("", "{}", "[]", R"({"path":"ws"})", R"({"path":"/ws?a"})",
               R"({"path":"/ws","scope":"rule"})");
  CHECK(refusal(body) == errc::malformed);
}

} // namespace outrigger
