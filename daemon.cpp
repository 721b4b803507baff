#include "daemon.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <thread>

#include <boost/asio/signal_set.hpp>
#include <spdlog/spdlog.h>

#include "actors/holder.hpp"
#include "actors/loop_scheduler.hpp"
#include "actors/os/token_file.hpp"
#include "actors/os/worker_pool.hpp"
#include "actors/rest_desk.hpp"
#include "actors/supervisor.hpp"
#include "actors/terminals.hpp"
#include "net/bridge.hpp"
#include "net/server.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

/// SIGTERM to exit within 5 s: connections and, with --stop-sessions, programs
/// get so long at the same time, then actors. It is enough for programs that
/// heed SIGTERM, which comes after 2 s.
constexpr auto drain_patience = 3s;

std::string read_token(const options& opts) {
  if (!opts.auth)
    return {};
  auto token = os::read_or_create_token(opts.token_file);
  if (token)
    return *token;
  const auto why = token.error();
  const bool unsafe = why == os::errc::exposed ||
                      why == os::errc::foreign_owner ||
                      why == os::errc::bad_token;
  throw startup_failure{"token file " + opts.token_file + ": " + why.message(),
                        unsafe ? exit_unsafe : exit_failed};
}

// -- parts --------------------------------------------------------------------

std::unique_ptr<asio::ssl::context> make_tls(const options& opts) {
  if (opts.tls_cert.empty())
    return nullptr;
  auto tls =
      std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  ::SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
  boost::system::error_code ec;
  tls->use_certificate_chain_file(opts.tls_cert, ec);
  if (ec)
    throw startup_failure{"--tls-cert " + opts.tls_cert + ": " + ec.message(),
                          exit_bad_options};
  tls->use_private_key_file(opts.tls_key, asio::ssl::context::pem, ec);
  if (ec)
    throw startup_failure{"--tls-key " + opts.tls_key + ": " + ec.message(),
                          exit_bad_options};
  return tls;
}

/// Ours, without what is meant for the daemon alone, and with what a terminal
/// needs.
std::vector<std::string> session_environment() {
  std::vector<std::string> all;
  bool has_locale = false;
  for (char** setting = environ; *setting; ++setting) {
    const std::string_view text{*setting};
    if (text.starts_with("OUTRIGGER_"))
      continue;
    has_locale =
        has_locale || text.starts_with("LANG=") || text.starts_with("LC_ALL=");
    all.emplace_back(text);
  }
  if (!has_locale)
    all.emplace_back("LANG=C.UTF-8"); // or no program would print UTF-8
  all.emplace_back("TERM=xterm-256color");
  all.emplace_back("COLORTERM=truecolor");
  return all;
}

struct machine {
  utsname names{};
  std::string home;

  machine() {
    ::uname(&names);
    const char* value = std::getenv("HOME");
    home = value ? value : "/";
  }
};

// -- the daemon ---------------------------------------------------------------

class daemon {
public:
  explicit daemon(options opts)
      : opts_{std::move(opts)}, token_{read_token(opts_)},
        tls_{make_tls(opts_)}, config_{make_config()}, system_{config_} {
    system_.await_actors_before_shutdown(false); // run() sees to it
    listen(); // before anything is started that would outlive a failure
    start_actors();
    start_net();
  }

  int run() {
    asio::signal_set signals{loop_, SIGTERM, SIGINT};
    signals.async_wait([this](boost::system::error_code ec, int signal) {
      if (!ec) {
        spdlog::info("daemon: stopping on signal {}", signal);
        stop();
      }
    });
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
    scheduling.on_second = [this](const loop_load& load) {
      lag_ = load.lag;
      if (load.lag > loop_lag_limit || load.longest_turn > loop_lag_limit)
        spdlog::warn("loop: {} ms behind; longest turn {} ms by {}",
                     load.lag.count() / 1000, load.longest_turn.count() / 1000,
                     load.longest_actor);
    };
    use_loop_scheduler(config, loop_, std::move(scheduling));
    return config;
  }

  void start_actors() {
    holder_deps deps{loop_, workers_, opts_.holder,
                     opts_.runtime_dir + "/holder.sock"};
    if (opts_.log == log_format::json)
      deps.options = {"--log-format", "json"};
    auto client = std::make_shared<std::unique_ptr<os::holder_client>>(
        connect_holder(deps));
    holder_ = system_.spawn(holder, deps, std::move(client));
    terminals_options wanted;
    wanted.limit = opts_.terminal_limit;
    wanted.defaults.root = opts_.root;
    wanted.defaults.shell = opts_.shell;
    wanted.defaults.login_shell = opts_.login_shell;
    wanted.defaults.environment = session_environment();
    terminals_ = system_.spawn(terminals, holder_, std::move(wanted));
    caf::anon_send(holder_, subscribe_sessions{terminals_});
    desk_ = system_.spawn(rest_desk, what_the_desk_needs());
    // Without one of these nothing works: whoever started us starts us again,
    // and the next daemon finds its terminals in the holder.
    watcher_ = watch_vital(system_,
                           {caf::actor_cast<caf::strong_actor_ptr>(holder_),
                            caf::actor_cast<caf::strong_actor_ptr>(terminals_),
                            caf::actor_cast<caf::strong_actor_ptr>(desk_)},
                           [this](const std::string& why) { fail(why); });
  }

  void listen() {
    context_ = std::make_shared<server_context>(server_context{
        loop_, {token_, opts_.auth, opts_.allow_hosts, opts_.allow_origins}});
    context_->tls = tls_.get();
    server_ = std::make_unique<server>(context_);
    std::string console;
    for (const auto& address : opts_.listen) {
      auto listening = server_->listen(address);
      if (!listening)
        throw startup_failure{listening.error().detail, exit_failed};
      announcement_ += "listening " + *listening + "\n";
      if (console.empty() && !address.is_unix())
        console = *listening;
    }
    if (!console.empty())
      announcement_ += "console " + console_url(console) + "\n";
  }

  desk_deps what_the_desk_needs() {
    desk_deps desk;
    desk.terminals = terminals_;
    desk.holder = holder_;
    desk.terminal_limit = opts_.terminal_limit;
    desk.runtime = {"linux",
                    machine_.names.machine,
                    std::thread::hardware_concurrency(),
                    machine_.home,
                    opts_.shell,
                    OUTRIGGER_VERSION,
                    opts_.workspace_id};
    desk.sockets = [context = context_] { return context->sockets; };
    desk.loop_lag = [this] { return lag_; };
    return desk;
  }

  void start_net() {
    bridge_ = make_bridge({system_, loop_, desk_, terminals_});
    context_->behind = bridge_.get();
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
    server_->accept();
    std::cout << announcement_ << std::flush;
    spdlog::info("daemon: version {}, workspace {}, root {}", OUTRIGGER_VERSION,
                 opts_.workspace_id, opts_.root);
  }

  /// The token in the fragment, which browsers keep to themselves.
  std::string console_url(std::string url) const {
    for (const std::string_view any : {"//0.0.0.0:", "//[::]:"})
      if (auto at = url.find(any); at != std::string::npos)
        url.replace(at, any.size(), "//127.0.0.1:");
    return url + "/" + (opts_.auth ? "#token=" + token_ : "");
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
    // Not after a failure: the next daemon is to find them.
    const bool end_sessions = opts_.stop_sessions && exit_code_ == 0;
    under_way_ = end_sessions ? 2 : 1;
    server_->stop(drain_patience, [this] { stopped_one(); });
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
    bridge_.reset();
    end(watcher_);
    end(desk_);
    end(terminals_);
    end(holder_);
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

  options opts_;
  std::string token_;
  machine machine_;
  std::unique_ptr<asio::ssl::context> tls_;
  asio::io_context loop_{1}; // one thread: no locks needed inside Asio
  os::worker_pool workers_{loop_};
  std::chrono::microseconds lag_{0};
  caf::actor_system_config config_;
  caf::actor_system system_;
  holder_actor holder_;
  terminals_actor terminals_;
  desk_actor desk_;
  caf::actor watcher_;
  std::shared_ptr<server_context> context_;
  std::unique_ptr<endpoint> bridge_;
  std::unique_ptr<server> server_;
  std::string announcement_; // the lines on stdout once we accept
  bool stopping_ = false;
  int under_way_ = 0; // parts that are still stopping
  int exit_code_ = 0;
};

} // namespace

int run_daemon(const options& opts) {
  return daemon{opts}.run();
}

} // namespace outrigger
