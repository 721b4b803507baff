// A new client with a good token: connect and GET /terminals, alone, and while
// ten thousand sockets are open and five hundred strangers try to be.

#include "bench/measure_edge.hpp"

#include <thread>

#include "bench/crowds.hpp"
#include "bench/daemon_process.hpp"
#include "bench/http_client.hpp"
#include "bench/statistics.hpp"

namespace outrigger::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t idle_count = 10'000;
constexpr std::size_t stranger_count = 500;
constexpr const char* alone = "alone";
constexpr const char* crowded = "10,000 idle, 500 slow strangers";

/// Between two clients, so that pings and timers of the others fall into the
/// time too.
constexpr auto pause = 5ms;

/// How often a client that was dropped tries again before it gives up.
constexpr int most_attempts = 100;

struct tries {
  std::vector<double> ms; // each until the answer, attempts before included
  std::size_t dropped = 0;
};

tries connect_often(const daemon_process& daemon, std::size_t count) {
  tries out;
  for (std::size_t i = 0; i < count; ++i) {
    std::this_thread::sleep_for(pause);
    const auto begin = steady::now();
    std::string answer;
    for (int attempt = 0; answer.empty() && attempt < most_attempts;
         ++attempt) {
      answer = get_once(daemon.port(), "/terminals", daemon.token());
      out.dropped += answer.empty() ? 1 : 0;
    }
    if (!answer.starts_with("HTTP/1.1 200"))
      throw failure{"GET /terminals: " + answer};
    out.ms.push_back(seconds(steady::now() - begin) * 1e3);
  }
  return out;
}

void add_rows(const char* subject, const tries& result, report& out) {
  out.add("connect + GET, p50", subject, "ms", percentile(result.ms, 0.5),
          alone);
  out.add("connect + GET, p99", subject, "ms", percentile(result.ms, 0.99),
          alone);
  out.add("connect + GET, longest", subject, "ms", percentile(result.ms, 1),
          alone);
  out.add("connect + GET, dropped and tried again", subject, "times",
          static_cast<double>(result.dropped));
}

void crowded_round(daemon_process& daemon, std::size_t count, report& out) {
  const auto before = memory_of(daemon.pid());
  const idle_sockets idle{daemon.port(), daemon.socket_target("attach=none"),
                          idle_count};
  out.add("daemon memory", "per idle socket (of 10,000)", "KiB",
          (memory_of(daemon.pid()) - before) / 1024 / idle_count);
  const slow_strangers strangers{daemon.port(), stranger_count};
  std::this_thread::sleep_for(1s); // until they are in each other's way
  const auto begin = steady::now();
  const auto cpu = daemon.cpu();
  const auto connects = strangers.connects();
  add_rows(crowded, connect_often(daemon, count), out);
  const auto time = seconds(steady::now() - begin);
  out.add("crowd", "connections of strangers", "1/s",
          static_cast<double>(strangers.connects() - connects) / time);
  out.add("crowd", "daemon CPU", "cores", (daemon.cpu() - cpu) / time);
  out.add("crowd", "idle sockets lost", "sockets",
          static_cast<double>(idle.lost()));
}

} // namespace

void measure_connect(const bench_settings& settings, report& out) {
  const std::size_t count = settings.quick ? 500 : 2000;
  for (int round = 0; round < settings.rounds; ++round) {
    // A new one, for the memory of the crowd before would be used again.
    daemon_process daemon{settings.daemon, settings.directory};
    add_rows(alone, connect_often(daemon, count), out);
    crowded_round(daemon, count, out);
  }
}

} // namespace outrigger::bench
