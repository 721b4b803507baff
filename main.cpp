// outrigger: the composition root. Builds every part in order, runs the loop,
// takes everything apart in the opposite order.
//
//   options → directories, lock, token → loop → holder → actors → net → run
//
// Exit codes: 0 stopped, 1 failed at run time, 2 bad options, 78 unsafe
// configuration refused.

#include <sys/stat.h>
#include <sys/utsname.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <thread>

#include <boost/asio/signal_set.hpp>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "actors/holder.hpp"
#include "actors/logging.hpp"
#include "actors/loop_scheduler.hpp"
#include "actors/os/runtime_dir.hpp"
#include "actors/os/token_file.hpp"
#include "actors/os/worker_pool.hpp"
#include "actors/rest_desk.hpp"
#include "actors/terminals.hpp"
#include "net/bridge.hpp"
#include "net/server.hpp"
#include "protocol/options.hpp"

namespace {

using namespace outrigger;
using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr int exit_failed = 1;
constexpr int exit_bad_options = 2;
constexpr int exit_unsafe = 78; // EX_CONFIG

/// SIGTERM to exit within 5 s: connections get this long, then actors.
constexpr auto drain_patience = 3s;
constexpr auto sessions_patience = 4s;

/// A failure the user is told in one line.
struct startup_failure : std::runtime_error {
  startup_failure(const std::string& what, int status)
      : runtime_error{what}, code{status} {}
  int code;
};

// -- options ------------------------------------------------------------------

option_sources option_sources_of_process() {
  option_sources sources;
  sources.env = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>{value} : std::nullopt;
  };
  sources.read_file = [](const std::string& path) -> result<std::string> {
    std::ifstream file{path};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    if (!file)
      return error{errc::malformed, "cannot read " + path};
    return text;
  };
  std::error_code ec;
  sources.current_dir = std::filesystem::current_path(ec).string();
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ec);
  sources.program_dir = self.parent_path().string();
  sources.uid = ::geteuid();
  sources.is_program = [](const std::string& path) {
    return ::access(path.c_str(), X_OK) == 0;
  };
  return sources;
}

std::variant<options, print_and_exit> parse(int argc, char** argv) {
  auto parsed =
      parse_options({argv + 1, argv + argc}, option_sources_of_process());
  if (!parsed)
    throw startup_failure{parsed.error().detail,
                          parsed.error().code == errc::forbidden
                              ? exit_unsafe
                              : exit_bad_options};
  return *parsed;
}

// -- what is on disk ----------------------------------------------------------

void make_directory(const std::string& path, const char* what) {
  if (auto ec = os::make_runtime_dir(path))
    throw startup_failure{std::string{what} + " " + path + ": " + ec.message(),
                          exit_failed};
}

os::lock_file lock(const std::string& path) {
  auto locked = os::lock_file::try_lock(path);
  if (locked)
    return std::move(*locked);
  const auto& why = locked.error();
  if (why.error == os::errc::locked)
    throw startup_failure{"another outrigger (pid " +
                              std::to_string(why.owner) + ") uses " + path,
                          exit_failed};
  throw startup_failure{"lock " + path + ": " + why.error.message(),
                        exit_failed};
}

std::string read_token(const options& opts) {
  if (!opts.auth)
    return {};
  auto token = os::read_or_create_token(opts.token_file);
  if (!token)
    throw startup_failure{"token file " + opts.token_file + ": " +
                              token.error().message(),
                          exit_unsafe};
  return *token;
}

void check_root(const options& opts) {
  std::error_code ec;
  if (!std::filesystem::is_directory(opts.root, ec))
    throw startup_failure{"--root " + opts.root + ": not a directory",
                          exit_bad_options};
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
    const holder_deps deps{loop_, workers_, opts_.holder,
                           opts_.runtime_dir + "/holder.sock"};
    auto client = std::make_shared<std::unique_ptr<os::holder_client>>(
        connect_holder(deps));
    holder_ = system_.spawn(holder, deps, std::move(client));
    terminals_options wanted;
    wanted.limit = opts_.terminal_limit;
    wanted.root = opts_.root;
    wanted.shell = opts_.shell;
    wanted.login_shell = opts_.login_shell;
    wanted.environment = session_environment();
    terminals_ = system_.spawn(terminals, holder_, std::move(wanted));
    caf::anon_send(holder_, subscribe_sessions{terminals_});
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

  void start_net() {
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
    bridge_ = make_bridge({system_, loop_, std::move(desk)});
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
    if (!opts_.stop_sessions)
      return stop_net();
    // The holder goes on with whatever outlasts our patience.
    system_.spawn(
        [this](caf::event_based_actor* self, terminals_actor all) {
          self->request(all, sessions_patience, end_all_terminals{})
              .then([this](done) { stop_net(); },
                    [this](const caf::error&) { stop_net(); });
        },
        terminals_);
  }

  void stop_net() {
    server_->stop(drain_patience, [this] { loop_.stop(); });
  }

  /// Ends every actor and lets them act on it, so that what they own (ring
  /// mappings, descriptors, timers) goes before the loop does.
  void end_actors() {
    bridge_.reset();
    caf::anon_send_exit(terminals_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(holder_, caf::exit_reason::user_shutdown);
    terminals_ = terminals_actor{};
    holder_ = holder_actor{};
    workers_.stop();
    loop_.restart();
    const auto end = std::chrono::steady_clock::now() + 500ms;
    while (system_.registry().running() > 0 &&
           std::chrono::steady_clock::now() < end)
      loop_.run_for(1ms);
    if (auto left = system_.registry().running(); left > 0)
      spdlog::warn("daemon: {} actors did not end", left);
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
  std::shared_ptr<server_context> context_;
  std::unique_ptr<endpoint> bridge_;
  std::unique_ptr<server> server_;
  std::string announcement_; // the lines on stdout once we accept
  bool stopping_ = false;
  int exit_code_ = 0;
};

/// A daemon started from a background shell inherits ignored signals; and a
/// client that vanishes must not end it.
void reset_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGCHLD, SIG_IGN); // the holder, should it die before us
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

int serve(const options& opts) {
  check_root(opts);
  make_directory(opts.state_dir, "--state-dir");
  make_directory(opts.runtime_dir, "--runtime-dir");
  const auto state_lock = lock(opts.state_dir + "/lock");
  const auto runtime_lock = lock(opts.runtime_dir + "/lock");
  start_logging(opts);
  const int status = daemon{opts}.run();
  stop_logging();
  return status;
}

} // namespace

int main(int argc, char** argv) {
  try {
    reset_signals();
    auto parsed = parse(argc, argv);
    if (auto* text = std::get_if<print_and_exit>(&parsed)) {
      std::cout << text->text;
      return 0;
    }
    const auto& opts = std::get<options>(parsed);
    if (opts.print_config) {
      std::cout << to_toml(opts);
      return 0;
    }
    return serve(opts);
  } catch (const startup_failure& e) {
    std::cerr << "outrigger: " << e.what() << std::endl;
    return e.code;
  } catch (const std::exception& e) {
    std::cerr << "outrigger: " << e.what() << std::endl;
    return exit_failed;
  }
}
