// The text that Prometheus gets, for given numbers. tests/e2e/metrics_test.py
// parses a real one.

#include "actors/metrics.hpp"

#include <catch2/catch.hpp>

#include "protocol/routes.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

/// The first row of the table with this pattern.
const route* row(std::string_view pattern) {
  for (const auto& one : routes())
    if (one.pattern == pattern)
      return &one;
  return nullptr;
}

/// Whether the text has this line.
bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1))
    ++count;
  return count;
}

std::string page_of(const meters& counted) {
  metrics_snapshot now;
  now.counted = &counted;
  return to_prometheus(now);
}

} // namespace

TEST_CASE("a counter comes with its help and its type") {
  meters counted;
  counted.edge.accepted = 7;
  const auto text = page_of(counted);
  CHECK(has_line(text, "# HELP outrigger_connections_accepted_total "
                       "Connections accepted."));
  CHECK(has_line(text, "# TYPE outrigger_connections_accepted_total counter"));
  CHECK(has_line(text, "outrigger_connections_accepted_total 7"));
}

TEST_CASE("large counts keep every digit") {
  meters counted;
  counted.terminals.output_bytes = 1'234'567'890'123'456;
  CHECK(has_line(page_of(counted),
                 "outrigger_terminal_output_bytes_total 1234567890123456"));
}

TEST_CASE("connections and queues are told apart by label") {
  meters counted;
  counted.edge.http_connections = 1;
  counted.edge.websockets = 2;
  counted.edge.unauthenticated = 3;
  counted.edge.queued_out = 4;
  counted.edge.queued_in = 5;
  const auto text = page_of(counted);
  CHECK(has_line(text, R"(outrigger_connections{kind="http"} 1)"));
  CHECK(has_line(text, R"(outrigger_connections{kind="websocket"} 2)"));
  CHECK(has_line(text, "outrigger_connections_unauthenticated 3"));
  CHECK(has_line(text, R"(outrigger_queued_bytes{direction="out"} 4)"));
  CHECK(has_line(text, R"(outrigger_queued_bytes{direction="in"} 5)"));
}

TEST_CASE("every denial is in exactly one family, under its reason") {
  meters counted;
  for (std::size_t i = 0; i < denial_count; ++i)
    counted.edge.denied[i] = 100 + i;
  const auto text = page_of(counted);
  const auto auth = std::string{"outrigger_auth_failures_total"};
  const auto refused = std::string{"outrigger_requests_refused_total"};
  CHECK(has_line(text, auth + R"({reason="missing"} 100)"));
  CHECK(has_line(text, auth + R"({reason="invalid"} 101)"));
  CHECK(has_line(text, auth + R"({reason="scope"} 102)"));
  CHECK(has_line(text, refused + R"({reason="host"} 103)"));
  CHECK(has_line(text, refused + R"({reason="origin"} 104)"));
  CHECK(has_line(text, refused + R"({reason="malformed"} 105)"));
  CHECK(has_line(text, refused + R"({reason="throttled"} 106)"));
  CHECK(has_line(text, refused + R"({reason="overload"} 107)"));
  CHECK(count_of(text, "reason=") == denial_count);
}

TEST_CASE("answers are counted by pattern, method and status") {
  meters counted;
  counted.edge.answers[{row("/terminals/{id}"), 404}] = 3;
  counted.edge.answers[{nullptr, 400}] = 2;
  const auto text = page_of(counted);
  CHECK(has_line(text,
                 R"(outrigger_http_requests_total{route="/terminals/{id}",)"
                 R"(method="GET",status="404"} 3)"));
  CHECK(has_line(text, R"(outrigger_http_requests_total{route="none",)"
                       R"(method="other",status="400"} 2)"));
}

TEST_CASE("a histogram is cumulative and ends with everything") {
  meters counted;
  auto& times = counted.edge.durations[row("/health")];
  times.observe(50us);
  times.observe(100us); // at the bound: belongs to it
  times.observe(2ms);
  times.observe(10s);
  const auto text = page_of(counted);
  const auto bucket = [&](const std::string& bound, int count) {
    return has_line(text, R"(outrigger_http_request_duration_seconds_bucket{)"
                          R"(route="/health",method="GET",le=")" +
                              bound + "\"} " + std::to_string(count));
  };
  CHECK(bucket("0.0001", 2));
  CHECK(bucket("0.00025", 2));
  CHECK(bucket("0.001", 2));
  CHECK(bucket("0.0025", 3));
  CHECK(bucket("5", 3));
  CHECK(bucket("+Inf", 4));
  CHECK(has_line(text, R"(outrigger_http_request_duration_seconds_count{)"
                       R"(route="/health",method="GET"} 4)"));
  CHECK(has_line(text, R"(outrigger_http_request_duration_seconds_sum{)"
                       R"(route="/health",method="GET"} 10.00215)"));
}

TEST_CASE("close codes that mean nothing here share one series") {
  meters counted;
  counted.edge.closed = {{1000, 5}, {1006, 2}, {4401, 1}, {3999, 7}, {4999, 8}};
  const auto text = page_of(counted);
  const auto family = std::string{"outrigger_websockets_closed_total"};
  CHECK(has_line(text, family + R"({code="1000"} 5)"));
  CHECK(has_line(text, family + R"({code="1006"} 2)"));
  CHECK(has_line(text, family + R"({code="4401"} 1)"));
  CHECK(has_line(text, family + R"({code="other"} 15)"));
  CHECK(count_of(text, "code=") == 4);
}

TEST_CASE("the furthest behind have a series each, all of them a maximum") {
  metrics_snapshot now;
  now.lags = {{1, {}}, {2, {}}, {3, {{900, 1'000'000}, {901, 5}}}};
  for (std::uint64_t i = 0; i < 300; ++i)
    now.lags[1].viewers.push_back({i, i});
  now.silent_terminals = 4;
  const auto text = to_prometheus(now);
  const auto lag = std::string{"outrigger_terminal_viewer_lag_bytes"};
  CHECK(count_of(text, lag + "{") == max_viewer_series);
  CHECK(has_line(text, lag + R"({terminal="3",viewer="900"} 1000000)"));
  CHECK(has_line(text, lag + R"({terminal="2",viewer="299"} 299)"));
  CHECK(has_line(text, lag + R"({terminal="2",viewer="101"} 101)"));
  CHECK(count_of(text, R"(viewer="100"})") == 0);
  const auto most = std::string{"outrigger_terminal_viewer_max_lag_bytes"};
  CHECK(has_line(text, most + R"({terminal="1"} 0)"));
  CHECK(has_line(text, most + R"({terminal="2"} 299)"));
  CHECK(has_line(text, most + R"({terminal="3"} 1000000)"));
  CHECK(has_line(text, R"(outrigger_terminal_viewers{terminal="2"} 300)"));
  CHECK(has_line(text, "outrigger_terminals_silent 4"));
}

TEST_CASE("watched folders are told of") {
  meters counted;
  counted.watches = {12, 3};
  metrics_snapshot now;
  now.counted = &counted;
  now.watching = watch_figures{2, 345, 1, 4, 6789};
  const auto text = to_prometheus(now);
  CHECK(has_line(text, "outrigger_watched_folders 2"));
  CHECK(has_line(text, "outrigger_watched_folders_degraded 1"));
  CHECK(has_line(text, "outrigger_watches 345"));
  CHECK(has_line(text, "outrigger_watch_overflows_total 4"));
  CHECK(has_line(text, "outrigger_watch_memory_bytes 6789"));
  CHECK(has_line(text, "outrigger_watch_events_total 12"));
  CHECK(has_line(text, "outrigger_watch_listeners_behind_total 3"));
}

TEST_CASE("the health board, the loop and the process are told") {
  health_board board;
  board.version = "1.2.3\"\\";
  board.terminals = 2;
  board.listed = 3;
  board.terminal_limit = 10;
  board.holder = false;
  board.overload = overload_level::high;
  metrics_snapshot now;
  now.health = &board;
  now.actors = 12;
  now.load = loop_load{1500us, 20ms, "terminal", 77};
  now.load_ratios = pressure{{0.5, 1.25, 0, 0}, overload_level::high, {}};
  now.process.resident_bytes = 4096;
  now.process.open_files = 20;
  now.process.started_seconds = 1'700'000'000.5;
  const auto text = to_prometheus(now);
  CHECK(has_line(text, R"(outrigger_build_info{version="1.2.3\"\\"} 1)"));
  CHECK(has_line(text, "outrigger_terminals_alive 2"));
  CHECK(has_line(text, "outrigger_terminals_listed 3"));
  CHECK(has_line(text, "outrigger_terminals_limit 10"));
  CHECK(has_line(text, "outrigger_holder_up 0"));
  CHECK(has_line(text, "outrigger_overload_level 2"));
  CHECK(has_line(text,
                 R"(outrigger_overload_pressure_ratio{input="memory"} 0.5)"));
  CHECK(has_line(
      text, R"(outrigger_overload_pressure_ratio{input="descriptors"} 1.25)"));
  CHECK(has_line(text, "outrigger_actors 12"));
  CHECK(has_line(text, "outrigger_loop_lag_seconds 0.0015"));
  CHECK(has_line(text, "outrigger_loop_longest_turn_seconds 0.02"));
  CHECK(has_line(text, "outrigger_actor_resumes_total 77"));
  CHECK(has_line(text, "process_resident_memory_bytes 4096"));
  CHECK(has_line(text, "process_open_fds 20"));
  CHECK(has_line(text, "process_start_time_seconds 1700000000.5"));
}

TEST_CASE("what nobody told is left out, help and all") {
  const auto text = to_prometheus({});
  CHECK(count_of(text, "process_") == 0);
  CHECK(count_of(text, "outrigger_actors") == 0);
  CHECK(count_of(text, "outrigger_build_info") == 0);
  CHECK(count_of(text, "outrigger_http_requests_total") == 0);
}

} // namespace outrigger
