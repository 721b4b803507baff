#include "edge_setup.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "actors/os/load_probe.hpp"
#include "actors/os/memory_limit.hpp"
#include "credential_files.hpp"
#include "startup_failure.hpp"
#include "tls_files.hpp"

namespace outrigger {
namespace {

/// The token goes into the fragment, which browsers keep to themselves.
std::string console_url(std::string url, const std::string& token) {
  for (const std::string_view any : {"//0.0.0.0:", "//[::]:"})
    if (auto at = url.find(any); at != std::string::npos)
      url.replace(at, any.size(), "//127.0.0.1:");
  return url + "/" + (token.empty() ? "" : "#token=" + token);
}

std::string parent(const std::string& file) {
  return std::filesystem::path{file}.parent_path().string();
}

/// Folders, not files: a file that is replaced is another one. For a link,
/// the folder of the file itself as well, for that is what is opened.
void allow_reading(os::sandbox_plan& plan, const std::string& file) {
  plan.readable.push_back(parent(file));
  std::error_code unknown;
  const auto target = std::filesystem::canonical(file, unknown);
  if (!unknown)
    plan.readable.push_back(target.parent_path().string());
}

/// The service manager's sockets are held to the rules for our own.
void check_passed(const options& opts,
                  const std::vector<os::passed_socket>& passed) {
  std::vector<listen_address> places;
  for (const auto& socket : passed) {
    auto place = parse_listen_address(socket.address);
    if (!place && !socket.is_unix)
      throw startup_failure{"passed socket " + socket.address + ": " +
                                place.error().detail,
                            exit_failed};
    if (place)
      places.push_back(std::move(*place));
  }
  if (auto safe = check_exposure(opts, places, "passed sockets"); !safe)
    throw startup_failure{safe.error().detail, exit_unsafe};
}

/// Of a control group's limit, what is left to the daemon: its sessions live
/// there too.
constexpr double group_share = 0.7;

} // namespace

edge_setup::edge_setup(const options& opts,
                       std::vector<os::passed_socket> passed) {
  auto credentials = load_credentials(opts, missing_token::is_made);
  if (!credentials)
    throw startup_failure{credentials.error().detail,
                          exit_code_of(credentials.error())};
  auto tls = load_tls(opts);
  if (!tls)
    throw startup_failure{tls.error().detail, exit_bad_options};

  access_policy access;
  access.auth = opts.auth;
  access.known = std::move(credentials->store);
  access.hosts = opts.allow_hosts;
  access.origins = opts.allow_origins;
  context = std::make_shared<server_context>(loop, std::move(access),
                                             counted.edge, opts.edge);
  context->tls = std::move(*tls);
  context->compression = opts.compression;
  context->load.set_budget(load_budget_of(opts));
  served = std::make_unique<server>(context);

  std::string console;
  const auto add = [&](const result<std::string>& listening) {
    if (!listening)
      throw startup_failure{listening.error().detail, exit_failed};
    announcement += "listening " + *listening + "\n";
    if (console.empty() && listening->starts_with("http"))
      console = *listening;
  };
  check_passed(opts, passed);
  for (auto& socket : passed)
    add(served->adopt(socket.fd.release()));
  if (passed.empty())
    for (const auto& address : opts.listen)
      add(served->listen(address));
  if (!console.empty())
    announcement +=
        "console " + console_url(console, credentials->owner_token) + "\n";
}

os::sandbox_plan sandbox_plan_of(const options& opts) {
  auto plan = os::system_plan();
  plan.writable.insert(plan.writable.end(),
                       {opts.root, opts.state_dir, opts.runtime_dir});
  plan.writable.insert(plan.writable.end(), opts.more_roots.begin(),
                       opts.more_roots.end());
  if (!opts.fs_root.empty())
    plan.writable.push_back(opts.fs_root);
  for (const auto& file : {opts.token_file, opts.tls_cert, opts.tls_key})
    if (!file.empty())
      allow_reading(plan, file);
  for (const auto& key : opts.jwt_keys)
    allow_reading(plan, key.file);
  for (const auto& address : opts.listen)
    if (address.is_unix())
      plan.sockets.push_back(parent(address.unix_path));
  return plan;
}

load_figures load_budget_of(const options& opts) {
  auto memory = opts.edge.memory_budget;
  if (memory == 0) {
    memory = limits::default_memory_budget;
    if (const auto limit = os::memory_limit())
      memory = std::min(memory, static_cast<std::size_t>(
                                    group_share * static_cast<double>(*limit)));
  }
  return {memory,
          static_cast<std::size_t>(os::load_probe{}.read().descriptor_limit),
          memory / overload_guard::queue_divisor,
          opts.edge.max_unauthenticated};
}

} // namespace outrigger
