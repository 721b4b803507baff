// A viewer that stops reading during a flood: what it costs the daemon in
// memory and the viewer beside it in throughput – in the first seconds, while
// it may still hold up the program, and in the steady state after.

#include "bench/measure.hpp"

#include "bench/daemon_process.hpp"
#include "bench/statistics.hpp"
#include "bench/websocket_client.hpp"

namespace outrigger::bench {
namespace {

using namespace std::chrono_literals;

drive_result read_for(source& from, std::chrono::duration<double> time) {
  drive_plan plan;
  plan.sources = {&from};
  plan.time = time;
  return drive(plan);
}

void stopped_round(const bench_settings& settings, const command& flood,
                   const std::string& name, report& out) {
  const std::chrono::duration<double> window{settings.quick ? 1.0 : 2.0};
  const auto metric = "beside a stopped viewer, " + name;
  daemon_process daemon{settings.daemon, settings.directory};
  const auto id = daemon.create(flood);
  websocket_client reading{daemon.port(), daemon.socket_target("ext=1")};
  wait_for(reading, id, ready);
  reading.type(id, "\r");
  read_for(reading, 300ms);
  const auto alone = read_for(reading, window).mb_per_s();
  const auto before = memory_of(daemon.pid());
  const websocket_client stopped{daemon.port(), daemon.socket_target("ext=1")};
  const auto first = read_for(reading, 2s).mb_per_s();
  read_for(reading, 4s);
  const auto steady_state = read_for(reading, window).mb_per_s();
  const auto growth = memory_of(daemon.pid()) - before;
  out.add(metric, "alone before", "MB/s", alone);
  out.add(metric, "first 2 s", "MB/s", first, "alone before");
  out.add(metric, "from 6 s on", "MB/s", steady_state, "alone before");
  out.add("daemon RSS growth, 8 s", "1 stopped viewer, " + name, "KiB",
          growth / 1024);
}

} // namespace

void measure_stopped(const bench_settings& settings, report& out) {
  for (int round = 0; round < settings.rounds; ++round) {
    stopped_round(settings, lines_for_ever(settings), "77-byte lines", out);
    stopped_round(settings, yes_for_ever(), "yes", out);
  }
}

} // namespace outrigger::bench
