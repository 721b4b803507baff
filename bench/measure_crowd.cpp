// Twenty viewers of one flooding terminal, five of them stopped, against the
// fifteen healthy ones alone: throughput and the echo of another terminal on
// the healthy sockets, memory, and whether the stopped ones go on correctly
// once they read again.

#include "bench/measure.hpp"

#include <memory>

#include "bench/daemon_process.hpp"
#include "bench/stream_check.hpp"

namespace outrigger::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t healthy_count = 15;
constexpr std::size_t stopped_count = 5;
constexpr const char* alone = "15 healthy alone";
constexpr const char* crowded = "15 healthy, 5 stopped";

class crowd {
public:
  crowd(const bench_settings& settings, std::size_t stopped)
      : daemon_{settings.daemon, settings.directory},
        flood_{daemon_.create(lines_for_ever(settings))}, echo_{daemon_.create(
                                                              echoing())} {
    for (std::size_t i = 0; i < healthy_count + stopped; ++i) {
      sockets_.push_back(std::make_unique<websocket_client>(
          daemon_.port(), daemon_.socket_target("ext=1")));
      viewers_.push_back(std::make_unique<stream_check>(
          *sockets_.back(), flood_, settings.lines_output));
    }
    for (auto& viewer : viewers_)
      wait_for(*viewer, echo_, ready);
    viewers_.front()->type(flood_, "\r");
  }

  drive_result read(std::chrono::duration<double> time, bool everyone = false) {
    drive_plan plan;
    for (auto& viewer : viewers_)
      if (everyone || plan.sources.size() < healthy_count)
        plan.sources.push_back(viewer.get());
    plan.echo_id = echo_;
    plan.gap = 2ms;
    plan.time = time;
    return drive(plan);
  }

  [[nodiscard]] double memory() const { return memory_of(daemon_.pid()); }
  [[nodiscard]] const auto& viewers() const { return viewers_; }

private:
  daemon_process daemon_;
  std::uint8_t flood_;
  std::uint8_t echo_;
  std::vector<std::unique_ptr<websocket_client>> sockets_;
  std::vector<std::unique_ptr<stream_check>> viewers_;
};

void add_window(const std::string& when, const char* subject,
                const drive_result& result, report& out) {
  out.add("crowd throughput, " + when, subject, "MB/s", result.mb_per_s(),
          alone);
  out.add("crowd echo p50, " + when, subject, "us",
          percentile(result.echo_us, 0.5), alone);
  out.add("crowd echo p99, " + when, subject, "us",
          percentile(result.echo_us, 0.99), alone);
}

void check_streams(crowd& all, report& out) {
  std::size_t correct = 0;
  std::size_t stopped_gaps = 0;
  std::size_t healthy_gaps = 0;
  double got = 0;
  for (std::size_t i = 0; i < all.viewers().size(); ++i) {
    const auto& viewer = *all.viewers()[i];
    if (i < healthy_count) {
      healthy_gaps += viewer.gaps();
    } else {
      stopped_gaps += viewer.gaps();
      got += static_cast<double>(viewer.checked()) / 1e6;
    }
    if (viewer.error().empty())
      ++correct;
    else
      out.note("crowd: viewer " + std::to_string(i) + ": " + viewer.error());
  }
  out.add("crowd streams", "byte-exact of 20", "viewers",
          static_cast<double>(correct));
  out.add("crowd streams", "gaps told to the 5 stopped", "gaps",
          static_cast<double>(stopped_gaps));
  out.add("crowd streams", "gaps told to the 15 healthy", "gaps",
          static_cast<double>(healthy_gaps));
  out.add("crowd streams", "read by the 5 in the end", "MB", got);
}

void crowd_round(const bench_settings& settings, std::size_t stopped,
                 const char* subject, report& out) {
  crowd all{settings, stopped};
  const auto before = all.memory();
  auto whole = all.read(3s);
  add_window("first 3 s", subject, whole, out);
  whole += all.read(4s);
  const auto last = all.read(3s);
  whole += last;
  add_window("from 7 s on", subject, last, out);
  add_window("all 10 s", subject, whole, out);
  out.add("crowd daemon RSS growth", subject, "KiB",
          (all.memory() - before) / 1024);
  if (stopped == 0)
    return;
  all.read(3s, true);
  check_streams(all, out);
}

} // namespace

void measure_crowd(const bench_settings& settings, report& out) {
  for (int round = 0; round < settings.rounds; ++round) {
    crowd_round(settings, 0, alone, out);
    crowd_round(settings, stopped_count, crowded, out);
  }
}

} // namespace outrigger::bench
