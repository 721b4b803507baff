// SCHEDULER BENCH: CAF actors on our loop scheduler against CAF's `sharing`
// scheduler with two workers, round by round in turn.
//
//   stream      one actor sends another many messages, a window at a time
//   ping-pong   one message goes back and forth between two actors
//   socket      a byte read by an Asio handler goes through two actors to an
//               Asio write: with `sharing` an asio::post from a worker thread
//               brings it back to the loop, with ours it never left
//
// Prints messages per second, context switches and CPU time per message, and
// round trips. Ratios of one run are to be trusted, absolute numbers are not.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <caf/all.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include "actors/loop_scheduler.hpp"
#include "bench/report.hpp"
#include "bench/statistics.hpp"

namespace outrigger::bench {

struct item {};
struct window_taken {};
struct ball {};
struct key {};

using source_actor = caf::typed_actor<caf::reacts_to<window_taken>>;
using sink_actor = caf::typed_actor<caf::reacts_to<item>>;
using player_actor = caf::typed_actor<caf::reacts_to<ball>>;
using hop_actor = caf::typed_actor<caf::reacts_to<key>>;

} // namespace outrigger::bench

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::bench::item)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::bench::window_taken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::bench::ball)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::bench::key)

namespace outrigger::bench {
namespace {

namespace asio = boost::asio;

constexpr int window = 1000; // messages in a mailbox at most
constexpr const char* ours = "loop scheduler";
constexpr const char* theirs = "sharing, 2 workers";

// -- actors -------------------------------------------------------------------

struct stream_plan {
  sink_actor to;
  int windows = 0;
  std::function<void()> done;
};

source_actor::behavior_type stream_source(source_actor::pointer self,
                                          stream_plan plan) {
  auto left = std::make_shared<int>(plan.windows);
  return {[self, plan, left](window_taken) {
    if ((*left)-- == 0) {
      plan.done();
      return self->quit();
    }
    for (int i = 0; i < window; ++i)
      self->send(plan.to, item{});
  }};
}

/// Tells the source of every window it has taken; ends after `windows`.
sink_actor::behavior_type stream_sink(sink_actor::pointer self, int windows) {
  auto taken = std::make_shared<int>(0);
  return {[self, windows, taken](item) {
    if (++*taken % window != 0)
      return;
    self->send(caf::actor_cast<source_actor>(self->current_sender()),
               window_taken{});
    if (*taken / window == windows)
      self->quit();
  }};
}

struct rally_plan {
  player_actor to;
  std::size_t count = 0;
  std::vector<double>* round_trips_us = nullptr;
  std::function<void()> done;
};

player_actor::behavior_type serving(player_actor::pointer self,
                                    rally_plan plan) {
  auto served = std::make_shared<steady::time_point>();
  return {[self, plan, served](ball) {
    const auto now = steady::now();
    if (*served != steady::time_point{})
      plan.round_trips_us->push_back(microseconds(now - *served));
    if (plan.round_trips_us->size() == plan.count) {
      plan.done();
      return self->quit();
    }
    *served = now;
    self->send(plan.to, ball{});
  }};
}

/// Returns the ball `count` times.
player_actor::behavior_type returning(player_actor::pointer self,
                                      std::size_t count) {
  auto left = std::make_shared<std::size_t>(count);
  return {[self, left](ball) {
    self->send(caf::actor_cast<player_actor>(self->current_sender()), ball{});
    if (--*left == 0)
      self->quit();
  }};
}

hop_actor::behavior_type last_hop(hop_actor::pointer,
                                  std::function<void()> answer) {
  return {[answer](key) { answer(); }};
}

hop_actor::behavior_type first_hop(hop_actor::pointer self, hop_actor next) {
  return {[self, next](key) { self->send(next, key{}); }};
}

// -- one system ---------------------------------------------------------------

class rig {
public:
  explicit rig(bool on_loop)
      : on_loop_{on_loop}, config_{*this}, work_{loop.get_executor()},
        system{config_} {
    system.await_actors_before_shutdown(false);
  }

  /// Runs until finish(), from whatever thread that is called.
  void run() { loop.run(); }
  void finish() {
    asio::post(loop, [this] {
      work_.reset();
      loop.stop();
    });
  }

  /// Runs `task` on the loop's thread.
  void on_the_loop(const std::function<void()>& task) {
    if (on_loop_)
      task(); // actors are there already
    else
      asio::post(loop, task);
  }

  asio::io_context loop;

private:
  struct config : caf::actor_system_config {
    explicit config(rig& owner) {
      if (owner.on_loop_) {
        use_loop_scheduler(*this, owner.loop);
        return;
      }
      set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-threads", std::size_t{2});
      set("scheduler.max-throughput", std::size_t{100});
    }
  };

  bool on_loop_;
  config config_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;

public:
  caf::actor_system system; // goes before what it runs on
};

// -- measuring ----------------------------------------------------------------

struct usage {
  double cpu = 0;
  double switches = 0;
  steady::time_point at;

  static usage now() {
    rusage u{};
    ::getrusage(RUSAGE_SELF, &u);
    const auto in_seconds = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) +
             static_cast<double>(t.tv_usec) / 1e6;
    };
    return {in_seconds(u.ru_utime) + in_seconds(u.ru_stime),
            static_cast<double>(u.ru_nvcsw + u.ru_nivcsw), steady::now()};
  }
};

void add_usage(const std::string& what, const char* subject,
               const usage& before, double messages, report& out) {
  const auto after = usage::now();
  out.add(what + ", rate", subject, "1/s",
          messages / seconds(after.at - before.at), theirs);
  out.add(what + ", switches per 1,000", subject, "",
          (after.switches - before.switches) / messages * 1000, theirs);
  out.add(what + ", CPU each", subject, "ns",
          (after.cpu - before.cpu) / messages * 1e9, theirs);
}

void add_round_trips(const std::string& what, const char* subject,
                     const std::vector<double>& samples, report& out) {
  out.add(what + ", round trip p50", subject, "us", percentile(samples, 0.5),
          theirs);
  out.add(what + ", round trip p99", subject, "us", percentile(samples, 0.99),
          theirs);
}

void measure_stream(bool on_loop, const char* subject, int windows,
                    report& out) {
  rig r{on_loop};
  auto to = r.system.spawn(stream_sink, windows);
  auto from = r.system.spawn(stream_source,
                             stream_plan{to, windows, [&r] { r.finish(); }});
  const auto before = usage::now();
  caf::anon_send(from, window_taken{});
  r.run();
  add_usage("actor to actor", subject, before, double{window} * windows, out);
}

void measure_ping_pong(bool on_loop, const char* subject, std::size_t count,
                       report& out) {
  std::vector<double> samples;
  samples.reserve(count);
  rig r{on_loop};
  auto other = r.system.spawn(returning, count);
  auto first = r.system.spawn(
      serving, rally_plan{other, count, &samples, [&r] { r.finish(); }});
  const auto before = usage::now();
  caf::anon_send(first, ball{});
  r.run();
  add_usage("ping-pong", subject, before, static_cast<double>(count), out);
  add_round_trips("ping-pong", subject, samples, out);
}

/// The client of the socket: a thread of its own that writes a byte and waits
/// for the answer.
std::vector<double> rally_on(int fd, std::size_t count) {
  std::vector<double> samples;
  samples.reserve(count);
  char byte = 'k';
  for (std::size_t i = 0; i < count; ++i) {
    const auto begin = steady::now();
    if (::write(fd, &byte, 1) != 1 || ::read(fd, &byte, 1) != 1)
      throw std::runtime_error{"the socket broke"};
    samples.push_back(microseconds(steady::now() - begin));
  }
  return samples;
}

void measure_socket(bool on_loop, const char* subject, std::size_t count,
                    report& out) {
  rig r{on_loop};
  asio::local::stream_protocol::socket client{r.loop};
  asio::local::stream_protocol::socket server{r.loop};
  asio::local::connect_pair(client, server);
  const int answer_fd = server.native_handle();
  auto last = r.system.spawn(last_hop, [&r, answer_fd] {
    r.on_the_loop([answer_fd] {
      const char byte = 'e';
      [[maybe_unused]] const auto n = ::write(answer_fd, &byte, 1);
    });
  });
  auto first = r.system.spawn(first_hop, last);
  char in = 0;
  std::function<void()> read = [&] {
    server.async_read_some(asio::buffer(&in, 1),
                           [&](boost::system::error_code ec, std::size_t) {
                             if (ec)
                               return;
                             caf::anon_send(first, key{});
                             read();
                           });
  };
  read();
  std::vector<double> samples;
  const int fd = client.native_handle();
  const auto before = usage::now();
  std::thread typist{[&] {
    samples = rally_on(fd, count);
    r.finish();
  }};
  r.run();
  typist.join();
  add_usage("socket", subject, before, static_cast<double>(count), out);
  add_round_trips("socket", subject, samples, out);
  for (const auto& hop : {first, last})
    caf::anon_send_exit(hop, caf::exit_reason::kill);
}

void measure_all(int rounds, bool quick, report& out) {
  const int windows = quick ? 200 : 1000;
  const std::size_t rallies = quick ? 20'000 : 100'000;
  for (int round = 0; round < rounds; ++round)
    for (const auto& [on_loop, subject] :
         {std::pair{false, theirs}, std::pair{true, ours}}) {
      measure_stream(on_loop, subject, windows, out);
      measure_ping_pong(on_loop, subject, rallies, out);
      measure_socket(on_loop, subject, rallies / 5, out);
    }
}

} // namespace
} // namespace outrigger::bench

int main(int argc, char** argv) {
  bool quick = false;
  int rounds = 5;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument{argv[i]};
    if (argument == "--quick") {
      quick = true;
    } else if (argument == "--rounds" && i + 1 < argc) {
      rounds = std::max(1, std::atoi(argv[++i]));
    } else {
      std::puts("usage: scheduler_bench [--quick] [--rounds N]");
      return argument == "--help" ? 0 : 2;
    }
  }
  outrigger::bench::report out;
  outrigger::bench::measure_all(rounds, quick, out);
  out.print();
}
