// Output throughput and server CPU: a large file of 77-byte lines through the
// bare pty, the raw relay, and the daemon with one and with four viewers.

#include "bench/measure.hpp"

#include <memory>

#include "bench/daemon_process.hpp"
#include "bench/pty.hpp"
#include "bench/websocket_client.hpp"

namespace outrigger::bench {
namespace {

constexpr const char* throughput = "output throughput";
constexpr const char* cpu = "server CPU";
constexpr const char* relay = "raw relay";

drive_result read_lines(const std::vector<source*>& from, std::uint8_t id,
                        const bench_settings& settings) {
  drive_plan plan;
  plan.sources = from;
  plan.bytes_each = settings.lines_output.size();
  plan.time = std::chrono::seconds{60};
  from.front()->type(id, "\r");
  return drive(plan);
}

double gigabytes(const drive_result& result) {
  std::uint64_t total = 0;
  for (const auto bytes : result.bytes)
    total += bytes;
  return static_cast<double>(total) / 1e9;
}

void measure_references(const bench_settings& settings, report& out) {
  {
    bare_pty pty{lines_once(settings)};
    wait_for(pty, only_terminal, ready);
    const auto result = read_lines({&pty}, only_terminal, settings);
    out.add(throughput, "bare pty read", "MB/s", result.mb_per_s(), relay);
  }
  pty_relay raw{lines_once(settings)};
  wait_for(raw, only_terminal, ready);
  const auto before = raw.cpu();
  const auto result = read_lines({&raw}, only_terminal, settings);
  out.add(throughput, relay, "MB/s", result.mb_per_s());
  out.add(cpu, relay, "s/GB", (raw.cpu() - before) / gigabytes(result));
}

void measure_viewers(const bench_settings& settings, daemon_process& daemon,
                     std::size_t count, report& out) {
  const auto id = daemon.create(lines_once(settings));
  std::vector<std::unique_ptr<websocket_client>> viewers;
  std::vector<source*> sources;
  for (std::size_t i = 0; i < count; ++i) {
    viewers.push_back(std::make_unique<websocket_client>(
        daemon.port(), daemon.socket_target()));
    wait_for(*viewers.back(), id, ready);
    sources.push_back(viewers.back().get());
  }
  const auto before = daemon.cpu();
  const auto result = read_lines(sources, id, settings);
  const auto used = daemon.cpu() - before;
  for (const auto bytes : result.bytes)
    if (bytes != settings.lines_output.size())
      out.note("throughput: a viewer got " + std::to_string(bytes) + " of " +
               std::to_string(settings.lines_output.size()) + " bytes");
  const auto name = count == 1 ? std::string{"outrigger, 1 viewer"}
                               : "outrigger, each of " + std::to_string(count);
  out.add(throughput, name, "MB/s",
          result.mb_per_s() / static_cast<double>(count), relay);
  out.add(cpu, name, "s/GB", used / gigabytes(result), relay);
  daemon.remove(id);
}

} // namespace

void measure_throughput(const bench_settings& settings, report& out) {
  daemon_process daemon{settings.daemon, settings.directory};
  for (int round = 0; round < settings.rounds; ++round) {
    measure_references(settings, out);
    measure_viewers(settings, daemon, 1, out);
    measure_viewers(settings, daemon, 4, out);
  }
}

} // namespace outrigger::bench
