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
constexpr const char* alone = "well-behaved client alone";
constexpr const char* flooded = "while 100 flood";
constexpr const char* ours = "outrigger";

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
    drive_plan plan;
    plan.sources = {&socket_};
    plan.echo_id = id_;
    plan.gap = 5ms;
    plan.time = time;
    return drive(plan);
  }

private:
  std::uint8_t id_;
  websocket_client socket_;
};

void add_echo(const char* subject, const drive_result& typed, report& out) {
  out.add("echo p50", subject, "us", percentile(typed.echo_us, 0.5), alone);
  out.add("echo p99", subject, "us", percentile(typed.echo_us, 0.99), alone);
  out.add("echo, longest", subject, "us", percentile(typed.echo_us, 1), alone);
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

void flood_round(const bench_settings& settings, report& out) {
  daemon_process daemon{
      settings.daemon,
      settings.directory,
      {"--memory-budget", "128MiB", "--terminal-limit", "20"}};
  guest client{daemon};
  add_echo(alone, client.type(2s), out);
  const auto plans = plan_flood(daemon);
  auto rest = daemon.rest();
  rest.call("GET", "/metrics"); // it is known, and stays, whatever comes
  out.add("memory", "budget", "MiB", budget / mib);
  out.add("memory", "before", "MiB", memory_of(daemon.pid()) / mib, "budget");
  const auto window = settings.quick ? 5 : 20;
  {
    const flooders clients{daemon.port(),
                           daemon.socket_target("ext=1&attach=none"), plans};
    drive_result typed = client.type(1s);
    double pressure = 0;
    for (int second = 1; second < window; ++second) {
      typed += client.type(1s);
      pressure = std::max(pressure, sum_of(rest.call("GET", "/metrics"),
                                           "outrigger_overload_level"));
    }
    add_echo(flooded, typed, out);
    out.add("echo", "keys whose echo did not come in a second", "keys",
            static_cast<double>(typed.keys_lost));
    out.add("memory", "at the end of the flood", "MiB",
            memory_of(daemon.pid()) / mib, "budget");
    out.add("memory", "peak", "MiB", memory_of(daemon.pid(), "VmHWM") / mib,
            "budget");
    out.add("flood", "overload level seen, 0 to 3", "level", pressure);
    add_figures(clients.figures(), window, rest.call("GET", "/metrics"), out);
  }
  std::this_thread::sleep_for(2s);
  out.add("memory", "2 s after the flood", "MiB", memory_of(daemon.pid()) / mib,
          "budget");
}

} // namespace

void measure_flooders(const bench_settings& settings, report& out) {
  for (int round = 0; round < settings.rounds; ++round)
    flood_round(settings, out);
}

} // namespace outrigger::bench
