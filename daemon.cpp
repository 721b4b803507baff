#include "daemon.hpp"

#include <malloc.h>
#include <sys/utsname.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include <boost/asio/signal_set.hpp>
#include <spdlog/spdlog.h>

#include "actors/holder.hpp"
#include "actors/logging.hpp"
#include "actors/loop_scheduler.hpp"
#include "actors/os/load_probe.hpp"
#include "actors/os/worker_pool.hpp"
#include "actors/rest_desk.hpp"
#include "actors/supervisor.hpp"
#include "actors/terminals.hpp"
#include "allocator_limits.hpp"
#include "edge_setup.hpp"
#include "file_setup.hpp"
#include "net/bridge.hpp"
#include "reloader.hpp"
#include "search_setup.hpp"
#include "session_environment.hpp"
#include "watch_setup.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using boost::system::error_code;

/// SIGTERM to exit within 5 s: connections and, with --stop-sessions, programs
/// get so long at the same time, then actors. It is enough for programs that
/// heed SIGTERM, which comes after 2 s.
constexpr auto drain_patience = 3s;

/// How often, at most, the allocator is asked to give memory back.
constexpr auto trim_interval = 5s;

std::int64_t unix_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Of this process, user and system.
std::optional<double> processor_seconds() {
  timespec used{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0)
    return std::nullopt;
  return static_cast<double>(used.tv_sec) +
         static_cast<double>(used.tv_nsec) / 1e9;
}

class daemon {
public:
  daemon(const options& opts, edge_setup& edge, inheritance& inherited)
      : opts_{opts}, edge_{edge}, loop_{edge.loop}, notify_{inherited.notify},
        starter_{inherited.starter}, config_{make_config()}, system_{config_} {
    system_.await_actors_before_shutdown(false); // run() sees to it
    ::uname(&machine_);
    process_.started_seconds = static_cast<double>(unix_ms()) / 1e3;
    board_.version = OUTRIGGER_VERSION;
    board_.workspace = opts_.workspace_id;
    board_.terminal_limit = opts_.terminal_limit;
    board_.message_limit = opts_.edge.max_message;
    board_.body_limit = opts_.edge.max_body;
    board_.started = std::chrono::steady_clock::now();
    start_actors();
    start_net();
  }

  int run() {
    asio::signal_set ends{loop_, SIGTERM, SIGINT};
    ends.async_wait([this](error_code ec, int signal) {
      if (!ec) {
        spdlog::info("daemon: stopping on signal {}", signal);
        stop();
      }
    });
    reloader_.start();
    adopt();
    loop_.run();
    end_actors();
    return exit_code_;
  }

private:
  // -- building ---------------------------------------------------------------

  caf::actor_system_config make_config() {
    caf::actor_system_config config;
    loop_scheduler_options scheduling;
    scheduling.on_second = [this](const loop_load& load) { second(load); };
    use_loop_scheduler(config, loop_, std::move(scheduling));
    return config;
  }

  void start_actors() {
    const holder_deps deps{loop_,
                           workers_,
                           opts_.holder,
                           opts_.runtime_dir + "/holder.sock",
                           [this] { return starter_.start(); },
                           &board_};
    auto client = std::make_shared<std::unique_ptr<os::holder_client>>(
        connect_holder(deps));
    holder_ = system_.spawn(holder, deps, std::move(client));
    terminals_options wanted;
    wanted.limit = opts_.terminal_limit;
    wanted.defaults.root = opts_.root;
    wanted.defaults.shell = opts_.shell;
    wanted.defaults.login_shell = opts_.login_shell;
    wanted.defaults.environment = session_environment();
    wanted.counted = &edge_.counted.terminals;
    wanted.board = &board_;
    terminals_ = system_.spawn(terminals, holder_, std::move(wanted));
    caf::anon_send(holder_, subscribe_sessions{terminals_});
    desk_ = system_.spawn(rest_desk, what_the_desk_needs());
    files_desk_ = files_.spawn_desk(system_);
    search_desk_ = spawn_search_desk(system_, holder_, files_);
    watching_ = watches_.spawn(system_);
    // Without one of these nothing works: whoever started us starts us again,
    // and the next daemon finds its terminals in the holder.
    watcher_ = watch_vital(system_,
                           strong(holder_, terminals_, desk_, files_desk_,
                                  search_desk_, watching_.watches),
                           [this](const std::string& why) { fail(why); });
  }

  desk_deps what_the_desk_needs() {
    const char* home = std::getenv("HOME");
    home_ = home ? home : "/";
    desk_deps desk;
    desk.terminals = terminals_;
    desk.runtime = {"linux",
                    machine_.machine,
                    std::thread::hardware_concurrency(),
                    home_,
                    opts_.shell,
                    OUTRIGGER_VERSION,
                    opts_.workspace_id};
    desk.counted = &edge_.counted;
    desk.health = &board_;
    desk.load = [this] { return load_; };
    desk.pressures = [this] { return edge_.context->load.now(); };
    desk.process = [this] {
      process_.cpu_seconds = processor_seconds();
      process_.dropped_log_lines = dropped_log_lines();
      return process_;
    };
    desk.watching = [this] { return watches_.figures(); };
    return desk;
  }

  void start_net() {
    bridge_ =
        make_bridge({system_, loop_, desk_, files_desk_, terminals_,
                     [this] {
                       board_.connections = edge_.counted.edge.websockets;
                       return health_page_.text(
                           board_, std::chrono::steady_clock::now(), unix_ms());
                     },
                     opts_.edge, search_desk_, watching_});
    auto& context = *edge_.context;
    context.behind = bridge_.get();
    context.run_blocking = [this](std::function<void()> work,
                                  std::function<void()> done) {
      return workers_.run(std::move(work), std::move(done));
    };
    if (opts_.access_log)
      context.log_access = start_access_log(opts_);
  }

  // -- running ----------------------------------------------------------------

  /// Nothing is asked before everything a previous daemon left is back.
  void adopt() {
    system_.spawn(
        [this](caf::event_based_actor* self, terminals_actor all) {
          self->request(all, 6s, adopt_sessions{})
              .then(
                  [this](const terminal_counts& adopted) {
                    if (adopted.listed > 0)
                      spdlog::info("daemon: adopted {} terminals, {} alive",
                                   adopted.listed, adopted.alive);
                    accept();
                  },
                  [this](const caf::error& err) {
                    fail(from_caf(err).detail);
                  });
        },
        terminals_);
  }

  void accept() {
    measure();
    edge_.served->accept();
    std::cout << edge_.announcement << std::flush;
    edge_.announcement.clear(); // the token is in it
    spdlog::info("daemon: version {}, workspace {}, root {}", OUTRIGGER_VERSION,
                 opts_.workspace_id, opts_.root);
    told(notify_.ready("serving workspace " + opts_.workspace_id));
    if (notify_.watchdog_interval())
      feed_watchdog();
  }

  /// Once a second, on the loop.
  void second(const loop_load& load) {
    load_ = load;
    board_.loop_lag = load.lag;
    if (load.lag > loop_lag_limit || load.longest_turn > loop_lag_limit)
      spdlog::warn("loop: {} ms behind; longest turn {} ms by {}",
                   load.lag.count() / 1000, load.longest_turn.count() / 1000,
                   load.longest_actor);
    measure();
  }

  /// How near we are to our limits, and what follows from it.
  void measure() {
    const auto reading = probe_.read();
    process_.resident_bytes = reading.resident;
    process_.open_files = reading.descriptors;
    process_.max_files = reading.descriptor_limit;
    auto& guard = edge_.context->load;
    guard.sample(reading.resident, reading.descriptors);
    edge_.served->tick();
    const auto& now = guard.now();
    if (now.level != board_.overload)
      spdlog::warn("daemon: overload {}, before {}: {} at {:.0f} % of its "
                   "budget",
                   level_name(now.level), level_name(board_.overload),
                   resource_name(now.worst),
                   100 * now.ratios[static_cast<std::size_t>(now.worst)]);
    board_.overload = now.level;
    if (now.level > overload_level::ok && now.worst == resource::memory)
      trim();
  }

  /// The allocator keeps what was freed: a flood that is over would count as
  /// load for ever.
  void trim() {
    const auto now = std::chrono::steady_clock::now();
    if (now - trimmed_ < trim_interval)
      return;
    trimmed_ = now;
    static_cast<void>(workers_.run([] { ::malloc_trim(0); }, [] {}));
  }

  /// This runs, so the loop does; a holder that does not answer is worth a
  /// restart of the daemon, which finds or starts another.
  void feed_watchdog() {
    if (board_.holder)
      told(notify_.watchdog());
    watchdog_.expires_after(*notify_.watchdog_interval());
    watchdog_.async_wait([this](error_code ec) {
      if (!ec)
        feed_watchdog();
    });
  }

  void told(std::error_code ec) {
    if (ec)
      spdlog::warn("daemon: service manager: {}", ec.message());
  }

  void fail(const std::string& why) {
    std::cerr << "outrigger: " << why << std::endl;
    exit_code_ = exit_failed;
    stop();
  }

  // -- stopping ---------------------------------------------------------------

  void stop() {
    if (std::exchange(stopping_, true))
      return;
    told(notify_.stopping());
    // Not after a failure: the next daemon is to find them.
    const bool end_sessions = opts_.stop_sessions && exit_code_ == 0;
    under_way_ = end_sessions ? 2 : 1;
    edge_.served->stop(drain_patience, [this] { stopped_one(); });
    if (!end_sessions)
      return;
    // The holder goes on with whatever outlasts our patience.
    system_.spawn(
        [this](caf::event_based_actor* self, terminals_actor all) {
          self->request(all, drain_patience, end_all_terminals{})
              .then([this](done) { stopped_one(); },
                    [this](const caf::error&) { stopped_one(); });
        },
        terminals_);
  }

  void stopped_one() {
    if (--under_way_ == 0)
      loop_.stop();
  }

  /// Ends every actor and lets them act on it, so that what they own (ring
  /// mappings, descriptors, timers) goes before the loop does.
  void end_actors() {
    edge_.context->behind = nullptr;
    edge_.context->log_access = nullptr;
    edge_.context->run_blocking = nullptr;
    bridge_.reset();
    end(watcher_);
    end(desk_);
    end(files_desk_);
    end_watching(watching_);
    end(search_desk_);
    loop_.restart();
    loop_.poll(); // what it tells the holder, while there is one
    end(terminals_);
    end(holder_);
    files_.stop();
    workers_.stop();
    loop_.restart();
    const auto end = std::chrono::steady_clock::now() + 500ms;
    while (system_.registry().running() > 0 &&
           std::chrono::steady_clock::now() < end)
      loop_.run_for(1ms);
    if (auto left = system_.registry().running(); left > 0)
      spdlog::warn("daemon: {} actors did not end", left);
  }

  template <class Handle>
  static void end(Handle& actor) {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    actor = Handle{};
  }

  const options& opts_;
  edge_setup& edge_;
  asio::io_context& loop_;
  os::service_notify& notify_;
  os::holder_starter& starter_;
  os::worker_pool workers_{loop_};
  file_setup files_{opts_, loop_, workers_};
  watch_setup watches_{loop_, workers_, files_.files(), edge_.counted.watches};
  os::load_probe probe_;
  health_board board_;
  health_page health_page_;
  loop_load load_;
  process_figures process_;
  utsname machine_{};
  std::string home_;
  caf::actor_system_config config_;
  caf::actor_system system_;
  holder_actor holder_;
  terminals_actor terminals_;
  desk_actor desk_;
  files_actor files_desk_;
  search_desk_actor search_desk_;
  watch_actors watching_;
  caf::actor watcher_;
  std::unique_ptr<endpoint> bridge_;
  reloader reloader_{opts_, edge_, workers_, notify_};
  asio::steady_timer watchdog_{loop_};
  std::chrono::steady_clock::time_point trimmed_;
  bool stopping_ = false;
  int under_way_ = 0; // parts that are still stopping
  int exit_code_ = 0;
};

} // namespace

int run_daemon(const options& opts, inheritance inherited) {
  limit_allocator();
  edge_setup edge{opts, std::move(inherited.sockets)};
  // While there is one thread, so that it covers those to come.
  os::sandbox_report sandbox;
  if (opts.sandbox)
    sandbox = os::enter_sandbox(sandbox_plan_of(opts));
  start_logging(opts);
  if (!opts.sandbox)
    spdlog::warn("daemon: sandbox: off, by --no-sandbox");
  else if (!sandbox.degraded.empty())
    spdlog::warn("daemon: sandbox: {}", sandbox.degraded);
  else
    spdlog::debug("daemon: sandbox: complete, Landlock ABI {}",
                  sandbox.landlock_abi);
  return daemon{opts, edge, inherited}.run();
}

} // namespace outrigger
