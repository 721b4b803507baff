// GET /health on keep-alive connections against a bare Beast server that gives
// the same answer.

#include "bench/measure_edge.hpp"

#include <string>

#include "bench/bare_server.hpp"
#include "bench/daemon_process.hpp"
#include "bench/http_client.hpp"

namespace outrigger::bench {
namespace {

constexpr std::size_t connections = 8;
constexpr const char* bare = "bare Beast";
constexpr const char* ours = "outrigger";

/// The answer of the daemon, to be given by the reference: as many fields, of
/// the same sizes.
bare_answer same_as(const std::string& answer) {
  bare_answer out;
  const auto end = answer.find("\r\n\r\n");
  out.body = answer.substr(end + 4);
  for (auto at = answer.find("\r\n"); at < end;) {
    const auto next = answer.find("\r\n", at + 2);
    const auto line = answer.substr(at + 2, next - at - 2);
    const auto colon = line.find(": ");
    if (const auto name = line.substr(0, colon); name != "Content-Length")
      out.fields.emplace_back(name, line.substr(colon + 2));
    at = next;
  }
  return out;
}

struct server_under_load {
  const char* name;
  std::uint16_t port;
  pid_t pid;
};

void load_round(const server_under_load& server, double window, report& out) {
  const std::chrono::duration<double> time{window};
  const auto before = cpu_of(server.pid);
  const auto many = ask_repeatedly({server.port, "/health", connections, time});
  const auto cpu = cpu_of(server.pid) - before;
  out.add("GET /health, 8 connections", server.name, "1/s", many.per_second(),
          bare);
  out.add("GET /health, CPU", server.name, "us",
          cpu * 1e6 / static_cast<double>(many.requests), bare);
  const auto one = ask_repeatedly({server.port, "/health", 1, time});
  out.add("GET /health, 1 connection", server.name, "1/s", one.per_second(),
          bare);
  out.add("GET /health p50, 1 connection", server.name, "us",
          percentile(one.latency_us, 0.5), bare);
  out.add("GET /health p99, 1 connection", server.name, "us",
          percentile(one.latency_us, 0.99), bare);
}

} // namespace

void measure_health(const bench_settings& settings, report& out) {
  daemon_process daemon{
      settings.daemon, settings.directory, {"--max-requests", "1000000"}};
  const auto answer = get_once(daemon.port(), "/health", {});
  if (!answer.starts_with("HTTP/1.1 200"))
    throw failure{"GET /health answered " + answer};
  const auto said = same_as(answer);
  const bare_server reference{said};
  const double window = settings.quick ? 0.5 : 1;
  for (int round = 0; round < settings.rounds; ++round) {
    load_round({bare, reference.port(), reference.pid()}, window, out);
    load_round({ours, daemon.port(), daemon.pid()}, window, out);
  }
}

} // namespace outrigger::bench
