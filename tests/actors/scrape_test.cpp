// GET /metrics: who is asked for it, and that nobody can hold it up.

#include "actors/rest_desk.hpp"
#include "tests/actors/workspace_fixture.hpp"
#include "tests/support/recording_viewer.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

/// A terminal that answers each question when the next one comes.
caf::behavior stuck_terminal(
    caf::event_based_actor* self,
    std::shared_ptr<std::vector<caf::typed_response_promise<viewer_lags>>>
        asked) {
  return {[self, asked](measure_viewers) -> caf::result<viewer_lags> {
    if (!asked->empty())
      asked->back().deliver(viewer_lags{9, {}});
    asked->push_back(self->make_response_promise<viewer_lags>());
    return asked->back();
  }};
}

/// A directory of these terminals.
caf::behavior directory(caf::event_based_actor* /*self*/,
                        std::vector<terminal_actor> terminals) {
  return {[terminals](find_terminals) { return found_terminals{terminals}; }};
}

class scrape_fixture : public workspace_fixture {
public:
  scrape_fixture() { use_desk(terminals); }

  void use_desk(terminals_actor of) {
    desk_deps deps;
    deps.terminals = std::move(of);
    deps.counted = &counted;
    deps.health = &board;
    deps.load = [] { return loop_load{2ms, 1ms, "x", 3}; };
    deps.pressures = [] { return pressure{{0.25, 0, 0, 0}, {}, {}}; };
    deps.process = [] {
      process_figures figures;
      figures.open_files = 9;
      return figures;
    };
    desk = keep(system.spawn(rest_desk, deps));
  }

  using page_ptr = std::shared_ptr<std::optional<rest_answer>>;

  page_ptr begin_scrape() {
    auto page = std::make_shared<std::optional<rest_answer>>();
    auto where = match_route("GET", "/metrics", nullptr);
    REQUIRE(where);
    rest_call call;
    call.matched = where->matched;
    send(desk, desk_call{std::move(call), [page](result<rest_answer> given) {
                           REQUIRE(given);
                           REQUIRE_FALSE(page->has_value());
                           page->emplace(*given);
                         }});
    run();
    return page;
  }

  std::string scrape() {
    auto page = begin_scrape();
    REQUIRE(page->has_value());
    return (*page)->body;
  }

  /// A desk whose only terminals are a stuck one and terminal 1.
  void use_stuck_terminal() {
    auto one = keep(system.spawn(stuck_terminal, asked));
    const std::vector<terminal_actor> all{caf::actor_cast<terminal_actor>(one),
                                          find(1)};
    use_desk(
        caf::actor_cast<terminals_actor>(keep(system.spawn(directory, all))));
  }

  static bool has_line(const std::string& text, const std::string& line) {
    return text.find("\n" + line + "\n") != std::string::npos;
  }

  meters counted;
  health_board board;
  desk_actor desk;
  std::shared_ptr<std::vector<caf::typed_response_promise<viewer_lags>>> asked =
      std::make_shared<std::vector<caf::typed_response_promise<viewer_lags>>>();
};

} // namespace

TEST_CASE_METHOD(scrape_fixture, "a scrape is Prometheus text") {
  const auto page = begin_scrape();
  REQUIRE(page->has_value());
  CHECK((*page)->status == 200);
  CHECK((*page)->type == "text/plain; version=0.0.4; charset=utf-8");
}

TEST_CASE_METHOD(scrape_fixture, "a scrape has what the desk was given") {
  counted.edge.accepted = 5;
  board.terminals = 2;
  const auto text = scrape();
  CHECK(has_line(text, "outrigger_connections_accepted_total 5"));
  CHECK(has_line(text, "outrigger_terminals_alive 2"));
  CHECK(has_line(text, "outrigger_loop_lag_seconds 0.002"));
  CHECK(has_line(text,
                 R"(outrigger_overload_pressure_ratio{input="memory"} 0.25)"));
  CHECK(has_line(text, "process_open_fds 9"));
  CHECK(text.find("\noutrigger_actors ") != std::string::npos);
}

TEST_CASE_METHOD(scrape_fixture, "every terminal is asked for its viewers") {
  create();
  create();
  auto seen = std::make_shared<viewer_record>();
  auto viewer = keep(system.spawn(recording_viewer, seen));
  send(find(2), attach_viewer{77, viewer, std::nullopt});
  run();
  program(2).print("12345");
  const auto text = scrape();
  CHECK(has_line(text, R"(outrigger_terminal_viewers{terminal="1"} 0)"));
  CHECK(has_line(text, R"(outrigger_terminal_viewers{terminal="2"} 1)"));
  CHECK(has_line(text, "outrigger_terminal_viewer_lag_bytes{terminal=\"2\","
                       "viewer=\"77\"} 5"));
  CHECK(has_line(text, "outrigger_terminals_silent 0"));
}

TEST_CASE_METHOD(scrape_fixture, "a deleted terminal is not asked") {
  create();
  REQUIRE(remove(1));
  CHECK(scrape().find("terminal=\"1\"") == std::string::npos);
}

TEST_CASE_METHOD(scrape_fixture, "a stuck terminal holds a scrape up shortly") {
  create();
  use_stuck_terminal();
  const auto page = begin_scrape();
  CHECK_FALSE(page->has_value());
  advance(scrape_patience);
  REQUIRE(page->has_value());
  CHECK(has_line((*page)->body, "outrigger_terminals_silent 1"));
  CHECK(
      has_line((*page)->body, R"(outrigger_terminal_viewers{terminal="1"} 0)"));
}

TEST_CASE_METHOD(scrape_fixture, "scrapes at the same time are one round") {
  create();
  use_stuck_terminal();
  const auto first = begin_scrape();
  const auto second = begin_scrape();
  CHECK(asked->size() == 1);
  advance(scrape_patience);
  REQUIRE(first->has_value());
  REQUIRE(second->has_value());
  const auto third = begin_scrape();
  CHECK(asked->size() == 2);
  advance(scrape_patience);
  CHECK(third->has_value());
}

TEST_CASE_METHOD(scrape_fixture, "a late answer does no harm") {
  create();
  use_stuck_terminal();
  begin_scrape();
  advance(scrape_patience);
  const auto page = begin_scrape(); // the first answer comes now
  advance(scrape_patience);
  REQUIRE(page->has_value());
  CHECK((*page)->body.find("terminal=\"9\"") == std::string::npos);
}

TEST_CASE_METHOD(scrape_fixture, "without the directory the rest is told") {
  end(terminals);
  CHECK(has_line(scrape(), "outrigger_connections_accepted_total 0"));
}

} // namespace outrigger
