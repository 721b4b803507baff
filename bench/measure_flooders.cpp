// A hundred clients with a good credential flood a daemon of a small budget:
// what it holds at its peak, what it sheds, and how a well-behaved client
// fares meanwhile.

#include "bench/measure_edge.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <thread>

#include "bench/daemon_process.hpp"
#include "bench/flooders.hpp"
#include "bench/pty.hpp"
#include "bench/statistics.hpp"
#include "bench/websocket_client.hpp"

namespace outrigger::bench {
namespace {

using namespace std::chrono_literals;

constexpr double mib = 1024 * 1024;
constexpr double budget = 128 * mib;
constexpr std::size_t terminals_each = 4; // of each kind
constexpr std::size_t deaf_count = 50;    // senders to who never reads
constexpr std::size_t taking_count = 25;  // senders to cat > /dev/null
constexpr std::size_t sleeper_count = 25; // viewers of yes that never read
constexpr const char* relay_name = "pty + TCP";
constexpr const char* guest_name = "outrigger, a 101st client";

/// In raw mode: with line editing the terminal itself would throw input away.
command deaf() {
  return {"sh", "-c", "stty raw -echo; printf READY; exec sleep 1000"};
}

command taking() {
  return {"sh", "-c", "stty raw -echo; printf READY; exec cat > /dev/null"};
}

command printing() {
  return {"yes"};
}

std::vector<flooder_plan> plan_flood(daemon_process& daemon) {
  std::vector<flooder_plan> plans;
  const auto add = [&](const command& program, std::size_t count, bool sends) {
    std::array<std::uint8_t, terminals_each> ids{};
    for (auto& id : ids)
      id = daemon.create(program);
    for (std::size_t i = 0; i < count; ++i)
      plans.push_back({ids[i % ids.size()], sends});
  };
  add(deaf(), deaf_count, true);
  add(taking(), taking_count, true);
  add(printing(), sleeper_count, false);
  return plans;
}

struct shed_counter {
  const char* subject;
  const char* unit;
  std::string_view series; // its value is summed over the labels
};

constexpr std::array shed_counters{
    shed_counter{"slow readers closed", "sockets",
                 "outrigger_slow_readers_closed_total"},
    shed_counter{"connections turned away", "times",
                 "outrigger_connections_shed_total"},
    shed_counter{"gaps told", "times", "outrigger_terminal_gaps_total"},
    shed_counter{"output skipped", "bytes",
                 "outrigger_terminal_dropped_bytes_total"},
    shed_counter{"viewers left behind", "times",
                 "outrigger_terminal_viewers_left_behind_total"},
};

/// The sum of a family's samples in the text of /metrics.
double sum_of(std::string_view metrics, std::string_view family) {
  double sum = 0;
  for (std::size_t at = 0; at < metrics.size();) {
    const auto end = std::min(metrics.find('\n', at), metrics.size());
    const auto line = metrics.substr(at, end - at);
    const auto value = line.rfind(' ');
    if (line.starts_with(family) && value != line.npos &&
        (line[family.size()] == ' ' || line[family.size()] == '{'))
      sum += std::strtod(std::string{line.substr(value)}.c_str(), nullptr);
    at = end + 1;
  }
  return sum;
}

drive_result type_into(source& socket, std::uint8_t id,
                       std::chrono::duration<double> time) {
  drive_plan plan;
  plan.sources = {&socket};
  plan.echo_id = id;
  plan.gap = 5ms;
  plan.time = time;
  return drive(plan);
}

/// The well-behaved client, which types and waits for the echo.
class guest {
public:
  explicit guest(daemon_process& daemon)
      : id_{daemon.create(echoing())}, socket_{daemon.port(),
                                               daemon.socket_target(
                                                   "ext=1&attach=none")} {
    socket_.send_text(R"({"channel":"terminal","type":"attach","id":")" +
                      std::to_string(id_) + "\"}");
    wait_for(socket_, id_, ready);
  }

  drive_result type(std::chrono::duration<double> time) {
    return type_into(socket_, id_, time);
  }

private:
  std::uint8_t id_;
  websocket_client socket_;
};

void add_echo(const std::string& when, const char* subject,
              const drive_result& typed, report& out) {
  out.add("echo p50, " + when, subject, "us", percentile(typed.echo_us, 0.5),
          relay_name);
  out.add("echo p99, " + when, subject, "us", percentile(typed.echo_us, 0.99),
          relay_name);
  out.add("echo, longest, " + when, subject, "us", percentile(typed.echo_us, 1),
          relay_name);
}

void add_figures(const flood_figures& figures, double time,
                 const std::string& metrics, report& out) {
  out.add("flood", "taken from the clients", "MB/s",
          static_cast<double>(figures.sent_bytes) / 1e6 / time);
  out.add("flood", "clients closed", "sockets",
          static_cast<double>(figures.closed));
  out.add("flood", "upgrades refused", "times",
          static_cast<double>(figures.refused));
  for (const auto& [subject, unit, series] : shed_counters)
    out.add("flood", subject, unit, sum_of(metrics, series));
}

/// The guest and the reference type in turn, a second each. Returns the
/// highest level of overload that was seen.
double type_while_flooded(guest& client, rest_client& rest, int turns,
                          report& out) {
  pty_relay relay{echoing()};
  wait_for(relay, only_terminal, ready);
  drive_result ours;
  drive_result reference;
  ours.bytes = reference.bytes = {0};
  double level = 0;
  for (int turn = 0; turn < turns; ++turn) {
    ours += client.type(1s);
    reference += type_into(relay, only_terminal, 1s);
    level = std::max(level, sum_of(rest.call("GET", "/metrics"),
                                   "outrigger_overload_level"));
  }
  add_echo("100 flood", relay_name, reference, out);
  add_echo("100 flood", guest_name, ours, out);
  out.add("echo, 100 flood", "keys on their way as a turn of a second ended",
          "keys", static_cast<double>(ours.keys_lost));
  return level;
}

void flood_round(const bench_settings& settings, report& out) {
  daemon_process daemon{
      settings.daemon,
      settings.directory,
      {"--memory-budget", "128MiB", "--terminal-limit", "20"}};
  guest client{daemon};
  add_echo("alone", guest_name, client.type(2s), out);
  auto plans = plan_flood(daemon);
  auto rest = daemon.rest();
  rest.call("GET", "/metrics"); // it is known, and stays, whatever comes
  const auto memory = [&](const char* when, const char* part = "VmRSS") {
    out.add("memory", when, "MiB", memory_of(daemon.pid(), part) / mib,
            "budget");
  };
  out.add("memory", "budget", "MiB", budget / mib);
  memory("before");
  {
    const auto begin = steady::now();
    const flooders clients{daemon.port(),
                           daemon.socket_target("ext=1&attach=none"), plans};
    const auto level =
        type_while_flooded(client, rest, settings.quick ? 3 : 10, out);
    memory("at the end of the flood");
    memory("peak", "VmHWM");
    out.add("flood", "highest overload level, of 3", "level", level);
    add_figures(clients.figures(), seconds(steady::now() - begin),
                rest.call("GET", "/metrics"), out);
  }
  std::this_thread::sleep_for(2s);
  memory("2 s after the flood");
}

} // namespace

void measure_flooders(const bench_settings& settings, report& out) {
  for (int round = 0; round < settings.rounds; ++round)
    flood_round(settings, out);
}

} // namespace outrigger::bench
