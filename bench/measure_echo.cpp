// Keystroke echo: alone, and while other terminals flood the same socket.

#include "bench/measure.hpp"

#include <memory>

#include "bench/daemon_process.hpp"
#include "bench/pty.hpp"
#include "bench/statistics.hpp"
#include "bench/websocket_client.hpp"

namespace outrigger::bench {
namespace {

using namespace std::chrono_literals;

/// A fast typist's key, and a pace at which keys do not load the machine.
constexpr auto key_gap = 2ms;

// -- alone --------------------------------------------------------------------

void echo_round(source& from, std::uint8_t id, std::size_t keys,
                const char* subject, report& out) {
  drive_plan plan;
  plan.sources = {&from};
  plan.echo_id = id;
  plan.keys = keys;
  const auto result = drive(plan);
  out.add("echo p50", subject, "us", percentile(result.echo_us, 0.5),
          "pty + TCP");
  out.add("echo p99", subject, "us", percentile(result.echo_us, 0.99),
          "pty + TCP");
}

// -- while others flood -------------------------------------------------------

struct typed_flood {
  std::vector<double> echo_us;
  double quiet_mb_per_s = 0; // nobody types
  double typed_mb_per_s = 0;
  bool stalled = false; // nothing came in a whole window
};

/// Two windows without and two with a typist, in turn.
typed_flood type_and_not(const std::vector<source*>& sources, std::uint8_t id,
                         std::chrono::duration<double> window) {
  typed_flood sum;
  for (int i = 0; i < 2; ++i) {
    drive_plan plan;
    plan.sources = sources;
    plan.time = window;
    plan.gap = key_gap;
    sum.quiet_mb_per_s += drive(plan).mb_per_s() / 2;
    plan.echo_id = id;
    const auto typed = drive(plan);
    sum.typed_mb_per_s += typed.mb_per_s() / 2;
    sum.stalled = sum.stalled || typed.mb_per_s() <= 0;
    sum.echo_us.insert(sum.echo_us.end(), typed.echo_us.begin(),
                       typed.echo_us.end());
  }
  return sum;
}

void add_rows(const std::string& floods, const char* subject,
              const typed_flood& result, report& out) {
  const char* reference = "raw relays";
  if (result.stalled)
    out.note(floods + ": " + subject + " stood still for a whole window");
  out.add("echo p50, " + floods, subject, "us", percentile(result.echo_us, 0.5),
          reference);
  out.add("echo p99, " + floods, subject, "us",
          percentile(result.echo_us, 0.99), reference);
  out.add("throughput, " + floods, subject, "MB/s", result.typed_mb_per_s,
          reference);
  out.add("throughput kept, " + floods, subject, "share",
          result.typed_mb_per_s / result.quiet_mb_per_s);
}

void flood_references(const bench_settings& settings, std::size_t floods,
                      std::chrono::duration<double> window,
                      const std::string& name, report& out) {
  std::vector<std::unique_ptr<pty_relay>> relays;
  relays.push_back(std::make_unique<pty_relay>(echoing()));
  while (relays.size() <= floods)
    relays.push_back(std::make_unique<pty_relay>(lines_for_ever(settings)));
  std::vector<source*> sources;
  for (auto& relay : relays) {
    wait_for(*relay, only_terminal, ready);
    sources.push_back(relay.get());
  }
  // Every relay's terminal has the same id: give the flooding ones another.
  struct renamed final : source {
    explicit renamed(source& inner) : of{inner} {}
    [[nodiscard]] int fd() const override { return of.fd(); }
    bool receive(const output_sink& sink, std::size_t max) override {
      return of.receive(
          [&](std::uint8_t, std::string_view bytes) {
            sink(only_terminal + 1, bytes);
          },
          max);
    }
    void type(std::uint8_t id, std::string_view keys) override {
      of.type(id, keys);
    }
    source& of;
  };
  std::vector<std::unique_ptr<renamed>> others;
  for (std::size_t i = 1; i < sources.size(); ++i) {
    sources[i]->type(only_terminal, "\r");
    others.push_back(std::make_unique<renamed>(*sources[i]));
    sources[i] = others.back().get();
  }
  add_rows(name, "raw relays", type_and_not(sources, only_terminal, window),
           out);
}

void flood_daemon(const bench_settings& settings, daemon_process& daemon,
                  std::size_t floods, std::chrono::duration<double> window,
                  const std::string& name, report& out) {
  websocket_client socket{daemon.port(), daemon.socket_target()};
  const auto echo_id = daemon.create(echoing());
  wait_for(socket, echo_id, ready);
  drive_plan plan;
  plan.sources = {&socket};
  plan.echo_id = echo_id;
  plan.gap = key_gap;
  plan.time = window;
  const auto idle = percentile(drive(plan).echo_us, 0.99);
  std::vector<std::uint8_t> ids;
  while (ids.size() < floods) {
    ids.push_back(daemon.create(lines_for_ever(settings)));
    wait_for(socket, ids.back(), ready);
  }
  for (const auto id : ids)
    socket.type(id, "\r");
  const auto result = type_and_not({&socket}, echo_id, window);
  add_rows(name, "outrigger, one socket", result, out);
  out.add("echo p99 / own idle, " + name, "outrigger, one socket", "times",
          percentile(result.echo_us, 0.99) / idle);
  daemon.remove_all();
}

} // namespace

void measure_echo(const bench_settings& settings, report& out) {
  daemon_process daemon{settings.daemon, settings.directory};
  const auto id = daemon.create(echoing());
  websocket_client socket{daemon.port(), daemon.socket_target()};
  bare_pty pty{echoing()};
  pty_relay relay{echoing()};
  wait_for(socket, id, ready);
  wait_for(pty, only_terminal, ready);
  wait_for(relay, only_terminal, ready);
  const std::size_t keys = settings.quick ? 300 : 1000;
  for (int round = 0; round < settings.rounds; ++round) {
    echo_round(pty, only_terminal, keys, "bare pty", out);
    echo_round(relay, only_terminal, keys, "pty + TCP", out);
    echo_round(socket, id, keys, "outrigger", out);
  }
}

void measure_flood(const bench_settings& settings, report& out) {
  daemon_process daemon{settings.daemon, settings.directory};
  const std::chrono::duration<double> window{settings.quick ? 0.5 : 1.0};
  for (int round = 0; round < settings.rounds; ++round)
    for (const std::size_t floods : {1U, 4U, 9U}) {
      const auto name =
          std::to_string(floods) + (floods == 1 ? " flood" : " floods");
      flood_references(settings, floods, window, name, out);
      flood_daemon(settings, daemon, floods, window, name, out);
    }
}

} // namespace outrigger::bench
