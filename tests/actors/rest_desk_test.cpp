// REST calls as the desk answers them.

#include "actors/rest_desk.hpp"
#include "tests/actors/workspace_fixture.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

class desk_fixture : public workspace_fixture {
public:
  desk_fixture() {
    desk_deps deps;
    deps.terminals = terminals;
    deps.runtime = {"linux",     "x86_64", 2,      "/home/me",
                    "/bin/bash", "1.2.3",  "local"};
    desk = keep(system.spawn(rest_desk, deps));
  }

  using answer_type = std::shared_ptr<std::optional<result<rest_answer>>>;

  answer_type start(std::string_view method, std::string_view target,
                    std::string body = "") {
    auto answer = std::make_shared<std::optional<result<rest_answer>>>();
    auto parsed = parse_http_target(target);
    REQUIRE(parsed);
    auto where = match_route(method, parsed->path, nullptr);
    REQUIRE(where);
    rest_call call{where->matched, where->id, *parsed, std::move(body), who};
    send(desk, desk_call{std::move(call), [answer](result<rest_answer> given) {
                           REQUIRE_FALSE(answer->has_value());
                           answer->emplace(std::move(given));
                         }});
    run();
    return answer;
  }

  result<rest_answer> call(std::string_view method, std::string_view target,
                           std::string body = "") {
    auto answer = start(method, target, std::move(body));
    REQUIRE(answer->has_value());
    return **answer;
  }

  /// The body of a call that works.
  std::string body_of(std::string_view method, std::string_view target,
                      std::string body = "") {
    auto answer = call(method, target, std::move(body));
    REQUIRE(answer);
    return answer->body;
  }

  errc failure_of(std::string_view method, std::string_view target,
                  std::string body = "") {
    auto answer = call(method, target, std::move(body));
    REQUIRE(answer.has_error());
    return answer.error().code;
  }

  /// What becomes of a client that wants to resume at these points.
  result<connection_options> resume(std::vector<resume_point> after) {
    std::optional<result<connection_options>> answer;
    connection_options options;
    options.after = std::move(after);
    send(desk, desk_resume{options, [&answer](result<connection_options> o) {
                             answer.emplace(std::move(o));
                           }});
    run();
    REQUIRE(answer);
    return *answer;
  }

  desk_actor desk;
  principal who = holder_of("all");

  static principal holder_of(std::string_view scopes) {
    principal out;
    out.authenticated = true;
    out.scopes = *parse_scopes(scopes);
    return out;
  }
};

} // namespace

TEST_CASE_METHOD(desk_fixture, "/runtime describes the machine") {
  const auto body = body_of("GET", "/runtime");
  CHECK(mentions(body, R"("os":"linux")"));
  CHECK(mentions(body, R"("shell":"/bin/bash")"));
}

TEST_CASE_METHOD(desk_fixture, "/runtimes names this target") {
  CHECK(mentions(body_of("GET", "/runtimes"), R"("default_target":"default")"));
}

TEST_CASE_METHOD(desk_fixture, "POST /terminals starts one") {
  const auto answer = call("POST", "/terminals", R"({"cols":100,"rows":40})");
  REQUIRE(answer);
  CHECK(answer->status == 201);
  CHECK(mentions(answer->body, R"("success":true)"));
  CHECK(mentions(answer->body, R"("id":"1")"));
  CHECK(mentions(answer->body, R"("cols":100)"));
  CHECK(held->spawned.front().cols == 100);
}

TEST_CASE_METHOD(desk_fixture, "POST /terminals needs no body") {
  CHECK(call("POST", "/terminals"));
}

TEST_CASE_METHOD(desk_fixture, "a malformed body starts nothing") {
  const auto body = GENERATE("{", R"({"cols":0})", R"({"cmd":"ls"})", "[]");
  CHECK(failure_of("POST", "/terminals", body) == errc::malformed);
  CHECK(held->spawned.empty());
}

TEST_CASE_METHOD(desk_fixture, "a program that cannot be run is the caller's") {
  held->refusal = error{errc::malformed, "run nonsense: No such file"};
  const auto answer = call("POST", "/terminals", R"({"cmd":["nonsense"]})");
  REQUIRE(answer.has_error());
  CHECK(answer.error() == *held->refusal);
}

TEST_CASE_METHOD(desk_fixture, "a start nobody answers ends in a timeout") {
  held->hold_spawns = true;
  auto answer = start("POST", "/terminals");
  CHECK_FALSE(answer->has_value());
  advance(8s);
  REQUIRE(answer->has_value());
  CHECK((*answer)->error().code == errc::timeout);
}

TEST_CASE_METHOD(desk_fixture, "GET /terminals lists the dead too") {
  create();
  create();
  exit(1, 3);
  const auto body = body_of("GET", "/terminals");
  CHECK(mentions(body, R"("id":"1")"));
  CHECK(mentions(body, R"("exit_code":3)"));
  CHECK(mentions(body, R"("id":"2")"));
  CHECK(mentions(body, R"("exit_code":null)"));
}

TEST_CASE_METHOD(desk_fixture, "GET /terminals lists what one may see") {
  create();
  create();
  create();
  who = holder_of("terminal:1 terminal:3:view files");
  const auto body = body_of("GET", "/terminals");
  CHECK(mentions(body, R"("id":"1")"));
  CHECK_FALSE(mentions(body, R"("id":"2")"));
  CHECK(mentions(body, R"("id":"3")"));
  who = holder_of("files");
  CHECK(mentions(body_of("GET", "/terminals"), R"("terminals":[])"));
}

TEST_CASE_METHOD(desk_fixture, "GET /terminals/{id} describes one") {
  create();
  CHECK(mentions(body_of("GET", "/terminals/1"), R"("id":"1")"));
}

TEST_CASE_METHOD(desk_fixture, "DELETE /terminals/{id} ends one") {
  create();
  const auto body = body_of("DELETE", "/terminals/1");
  CHECK(mentions(body, R"("terminal_id":"1")"));
  CHECK(list().empty());
}

TEST_CASE_METHOD(desk_fixture, "the scrollback is sent in base64") {
  create();
  program(1).print("hello");
  const auto body = body_of("GET", "/terminals/1/scrollback");
  CHECK(mentions(body, R"("scrollback":"aGVsbG8=")"));
  CHECK(mentions(body, R"("size":5)"));
  CHECK(mentions(body, R"("head":5)"));
}

TEST_CASE_METHOD(desk_fixture, "only the last bytes are sent when asked") {
  create();
  program(1).print("hello");
  const auto body = body_of("GET", "/terminals/1/scrollback?bytes=2");
  CHECK(mentions(body, R"("scrollback":"bG8=")"));
  CHECK(mentions(body, R"("offset":3)"));
}

TEST_CASE_METHOD(desk_fixture, "a byte count that is none is malformed") {
  create();
  CHECK(failure_of("GET", "/terminals/1/scrollback?bytes=x") ==
        errc::malformed);
}

TEST_CASE_METHOD(desk_fixture, "a resize is applied by either method") {
  const auto method = GENERATE("POST", "PUT");
  held->input = fake_input::pty;
  create();
  const auto body =
      body_of(method, "/terminals/1/resize", R"({"cols":120,"rows":50})");
  CHECK(mentions(body, R"("cols":120)"));
  CHECK(program(1).window() == std::pair{120, 50});
}

TEST_CASE_METHOD(desk_fixture, "a resize to nothing is malformed") {
  create();
  const auto body = GENERATE("", "{}", R"({"cols":0,"rows":5})");
  CHECK(failure_of("POST", "/terminals/1/resize", body) == errc::malformed);
}

TEST_CASE_METHOD(desk_fixture, "a resize of a dead terminal is not found") {
  held->input = fake_input::pty;
  create();
  exit(1, 0);
  CHECK(failure_of("POST", "/terminals/1/resize", R"({"cols":9,"rows":9})") ==
        errc::not_found);
}

TEST_CASE_METHOD(desk_fixture, "a terminal that is not there is not found") {
  const auto id = GENERATE("9", "0", "256", "abc", "01", "-1");
  const auto path = std::string{"/terminals/"} + id;
  CHECK(failure_of("GET", path) == errc::not_found);
  CHECK(failure_of("DELETE", path) == errc::not_found);
  CHECK(failure_of("GET", path + "/scrollback") == errc::not_found);
  CHECK(failure_of("POST", path + "/resize", R"({"cols":9,"rows":9})") ==
        errc::not_found);
}

TEST_CASE_METHOD(desk_fixture, "without the directory calls are unavailable") {
  end(terminals);
  CHECK(failure_of("GET", "/terminals") == errc::unavailable);
}

// -- resume -------------------------------------------------------------------

TEST_CASE_METHOD(desk_fixture, "offsets that were printed may be resumed") {
  create();
  create();
  program(1).print("12345");
  const auto checked = resume({{1, 5}, {2, 0}});
  REQUIRE(checked);
  CHECK(checked->after.size() == 2);
}

TEST_CASE_METHOD(desk_fixture, "an offset beyond the head is refused") {
  create();
  create();
  program(1).print("12345");
  const auto checked = resume({{2, 0}, {1, 6}});
  REQUIRE(checked.has_error());
  CHECK(checked.error().code == errc::malformed);
}

TEST_CASE_METHOD(desk_fixture, "an offset no longer kept may be resumed") {
  create();
  program(1).print(std::string(600'000, 'x'));
  CHECK(resume({{1, 0}}));
}

TEST_CASE_METHOD(desk_fixture, "nothing to resume is accepted at once") {
  CHECK(resume({}));
}

} // namespace outrigger
