// Memory of an idle daemon, its connections and terminals; and how long it
// takes to start, and to start a terminal.

#include "bench/measure.hpp"

#include <csignal>
#include <memory>
#include <thread>

#include <poll.h>

#include "bench/daemon_process.hpp"
#include "bench/pty.hpp"
#include "bench/websocket_client.hpp"

namespace outrigger::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t connections = 1000;
constexpr std::size_t terminals = 100;

double memory_of_both(daemon_process& daemon) {
  return memory_of(daemon.pid()) + memory_of(daemon.holder());
}

void idle_connections(daemon_process& daemon, report& out) {
  // One comes and goes first: what is set up once is not a connection's cost.
  { const websocket_client first{daemon.port(), daemon.socket_target()}; }
  const auto before = memory_of(daemon.pid());
  std::vector<std::unique_ptr<websocket_client>> all;
  while (all.size() < connections)
    all.push_back(std::make_unique<websocket_client>(daemon.port(),
                                                     daemon.socket_target()));
  std::this_thread::sleep_for(200ms);
  out.add("memory", "per idle connection (of 1,000)", "KiB",
          (memory_of(daemon.pid()) - before) / 1024 / connections);
}

void idle_terminals(daemon_process& daemon, report& out) {
  daemon.create({"cat"});
  std::this_thread::sleep_for(200ms);
  const auto before = memory_of_both(daemon);
  const auto holder_before = memory_of(daemon.holder());
  for (std::size_t i = 0; i < terminals; ++i)
    daemon.create({"cat"});
  std::this_thread::sleep_for(500ms);
  const auto per = [](double bytes) { return bytes / 1024 / terminals; };
  out.add("memory", "per idle terminal (of 100)", "KiB",
          per(memory_of_both(daemon) - before));
  out.add("memory", "per idle terminal, in the holder", "KiB",
          per(memory_of(daemon.holder()) - holder_before));
  daemon.remove_all();
}

/// From the request to the first byte of output at a client.
double create_to_output(daemon_process& daemon, const command& program) {
  websocket_client socket{daemon.port(), daemon.socket_target()};
  auto rest = daemon.rest();
  rest.call("GET", "/health");
  const auto begin = steady::now();
  rest.send("POST", "/terminals", terminal_request(program));
  bool printed = false;
  pollfd entry{socket.fd(), POLLIN, 0};
  while (!printed && ::poll(&entry, 1, 5000) > 0)
    socket.receive([&](std::uint8_t, std::string_view) { printed = true; },
                   read_size);
  const auto took = seconds(steady::now() - begin) * 1e3;
  const auto answer = rest.read_answer();
  const auto at = answer.find("\"id\":\"") + 6;
  rest.call("DELETE",
            "/terminals/" + answer.substr(at, answer.find('"', at) - at));
  return took;
}

double spawn_to_output(const command& program) {
  const auto begin = steady::now();
  bare_pty pty{program};
  pollfd entry{pty.fd(), POLLIN, 0};
  ::poll(&entry, 1, 5000);
  return seconds(steady::now() - begin) * 1e3;
}

} // namespace

void measure_memory(const bench_settings& settings, report& out) {
  const int rounds = settings.quick ? 1 : 3;
  for (int round = 0; round < rounds; ++round) {
    daemon_process daemon{
        settings.daemon, settings.directory, {"--terminal-limit", "255"}};
    daemon.rest().call("GET", "/health");
    for (int i = 0; i < 100 && daemon.holder() <= 0; ++i)
      std::this_thread::sleep_for(10ms);
    constexpr double mib = 1024 * 1024;
    out.add("memory", "daemon ready", "MiB", memory_of(daemon.pid()) / mib);
    out.add("memory", "daemon ready, anonymous", "MiB",
            memory_of(daemon.pid(), "RssAnon") / mib);
    out.add("memory", "holder ready", "MiB", memory_of(daemon.holder()) / mib);
    out.add("memory", "holder ready, anonymous", "MiB",
            memory_of(daemon.holder(), "RssAnon") / mib);
    idle_connections(daemon, out);
    idle_terminals(daemon, out);
  }
}

void measure_start(const bench_settings& settings, report& out) {
  const command program{"/bin/sh", "-c", "printf x; read y"};
  const int rounds = settings.rounds * 2;
  for (int round = 0; round < rounds; ++round) {
    auto begin = steady::now();
    daemon_process daemon{settings.daemon, settings.directory};
    daemon.rest().call("GET", "/health");
    out.add("start to first answer", "cold, holder included", "ms",
            seconds(steady::now() - begin) * 1e3);
    daemon.create({"cat"});
    daemon.stop(SIGKILL);
    begin = steady::now();
    daemon.start();
    daemon.rest().call("GET", "/terminals");
    out.add("start to first answer", "warm, adopting 1 terminal", "ms",
            seconds(steady::now() - begin) * 1e3);
    out.add("create to first output", "bare pty", "ms",
            spawn_to_output(program));
    out.add("create to first output", "outrigger", "ms",
            create_to_output(daemon, program), "bare pty");
  }
}

} // namespace outrigger::bench
