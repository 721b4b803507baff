// outrigger: from the command line to a running daemon, and from failures to
// exit codes.
//
//   options → directories, locks → the helper that starts holders → daemon
//   token … → token command (token_command.hpp)
//
// Exit codes: 0 stopped, 1 failed at run time, 2 bad options, 78 unsafe
// configuration refused.

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string_view>

#include <sys/resource.h>
#include <unistd.h>

#include "actors/logging.hpp"
#include "actors/os/error.hpp"
#include "actors/os/runtime_dir.hpp"
#include "daemon.hpp"
#include "protocol/options.hpp"
#include "token_command.hpp"

namespace {

using namespace outrigger;
using namespace std::chrono_literals;

/// `outrigger token` looks for a moment whether a daemon has the lock.
constexpr auto lock_patience = 200ms;

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
  if (auto failed = os::make_runtime_dir(path))
    throw startup_failure{std::string{what} + " " + path + ": " +
                              (failed.path != path ? failed.path + ": " : "") +
                              failed.error.message(),
                          exit_failed};
}

os::lock_file lock(const std::string& path) {
  auto locked = os::lock_file::lock_within(path, lock_patience);
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

void check_roots(const options& opts) {
  const auto check = [](const std::string& option, const std::string& path) {
    std::error_code ec;
    if (!std::filesystem::is_directory(path, ec))
      throw startup_failure{option + " " + path + ": not a directory",
                            exit_bad_options};
  };
  check("--root", opts.root);
  for (const auto& path : opts.more_roots)
    check("--root", path);
  if (!opts.fs_root.empty())
    check("--fs-root", opts.fs_root);
}

/// A daemon started from a background shell inherits ignored signals; and a
/// client that vanishes must not end it.
void reset_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN); // a limit on sizes is an error of one write
  std::signal(SIGCHLD, SIG_IGN); // the holder, should it die before us
  std::signal(SIGHUP, SIG_IGN);  // until the daemon listens to it
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Every connection needs one. Sessions keep what we were started with: the
/// helper that starts their holder is there already.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit); // or it stays as it is
}

std::vector<std::string> holder_options(const options& opts) {
  if (opts.log == log_format::json)
    return {"--log-format", "json"};
  return {};
}

/// What has to be done while the process has one thread and nothing secret.
inheritance inherit(const options& opts) {
  auto sockets = os::take_passed_sockets(::getenv, ::getpid());
  if (!sockets)
    throw startup_failure{sockets.error().what, exit_failed};
  auto starter = os::holder_starter::fork_off(
      opts.holder, opts.runtime_dir + "/holder.sock", holder_options(opts));
  if (!starter)
    throw startup_failure{"start a helper: " + starter.error().message(),
                          exit_failed};
  auto notify = os::service_notify::open(::getenv, ::getpid());
  if (!notify)
    throw startup_failure{"NOTIFY_SOCKET: " + notify.error().message(),
                          exit_failed};
  return {std::move(*starter), std::move(*sockets), std::move(*notify)};
}

int serve(const options& opts) {
  check_roots(opts);
  make_directory(opts.state_dir, "--state-dir");
  make_directory(opts.runtime_dir, "--runtime-dir");
  const auto state_lock = lock(opts.state_dir + "/lock");
  const auto runtime_lock = lock(opts.runtime_dir + "/lock");
  auto inherited = inherit(opts);
  raise_descriptor_limit();
  const int status = run_daemon(opts, std::move(inherited));
  if (!stop_logging())
    ::_exit(status); // the kernel lets go of the locks
  return status;
}

} // namespace

int main(int argc, char** argv) {
  try {
    reset_signals();
    if (argc > 1 && std::string_view{argv[1]} == "token")
      return run_token_command({argv + 2, argv + argc},
                               option_sources_of_process());
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
