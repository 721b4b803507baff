#include "token_command.hpp"

#include <chrono>
#include <ctime>
#include <iostream>
#include <type_traits>
#include <utility>
#include <variant>

#include "actors/os/error.hpp"
#include "actors/os/private_file.hpp"
#include "actors/os/random_bytes.hpp"
#include "actors/os/reload_signal.hpp"
#include "actors/os/runtime_dir.hpp"
#include "credential_files.hpp"
#include "protocol/token_arguments.hpp"
#include "protocol/token_issue.hpp"
#include "protocol/token_listing.hpp"
#include "startup_failure.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

/// For another command to finish its change.
constexpr auto lock_patience = 10s;

/// For a daemon that has just started to listen to signals.
constexpr auto reload_patience = 2s;

std::int64_t now() {
  return static_cast<std::int64_t>(std::time(nullptr));
}

template <class T>
T value_or_fail(result<T> from) {
  if (!from)
    throw startup_failure{from.error().detail, exit_code_of(from.error())};
  return std::move(*from);
}

// -- changing the register ----------------------------------------------------

os::lock_file lock_register(const options& where) {
  if (const auto failed = os::make_runtime_dir(where.state_dir))
    throw startup_failure{"--state-dir " + failed.message(), exit_failed};
  const auto path = where.state_dir + "/tokens.lock";
  auto locked = os::lock_file::lock_within(path, lock_patience);
  if (locked)
    return std::move(*locked);
  const auto& why = locked.error();
  throw startup_failure{why.error == os::errc::locked
                            ? "another outrigger token (pid " +
                                  std::to_string(why.owner) +
                                  ") is changing the tokens"
                            : path + ": " + why.error.message(),
                        exit_failed};
}

/// What would not be read again is not written: it would lock everybody out.
void save(const std::string& path, const token_register& all) {
  const auto text = to_json(all) + "\n";
  if (const auto again = parse_token_register(text); !again)
    throw startup_failure{path + " is not written: " + again.error().detail,
                          exit_failed};
  if (const auto failed = os::replace_private_file(path, text))
    throw startup_failure{path + ": " + failed.message(), exit_failed};
}

/// `change` gets the register and returns a result.
template <class Change>
auto change_register(const options& where, Change change) {
  const auto path = token_register_path(where);
  const auto locked = lock_register(where);
  auto all = value_or_fail(load_token_register(path));
  auto done = change(all);
  if (!done)
    throw startup_failure{done.error().detail, exit_failed};
  save(path, all);
  return done;
}

/// Says whether the change is in force. False: a daemon goes on without it.
bool tell_daemon(const options& where) {
  const auto [running, pid, failed] =
      os::signal_reload(where.state_dir + "/lock", reload_patience);
  if (running && !failed)
    std::cerr << "the daemon, pid " << pid << ", was told\n";
  else if (running || failed)
    std::cerr << "takes effect when the daemon is started again; it could not "
                 "be told: "
              << failed.message() << '\n';
  else
    std::cerr << "takes effect at the next start\n";
  return !failed;
}

// -- commands -----------------------------------------------------------------

token_entropy fresh_entropy() {
  token_entropy out;
  for (const auto failed :
       {os::fill_random(out.secret), os::fill_random(out.id)})
    if (failed)
      throw startup_failure{"no random bytes: " + failed.message(),
                            exit_failed};
  return out;
}

int run(const create_token& wish, const options& where) {
  const auto issued = *change_register(where, [&wish](token_register& all) {
    return issue_token(all, wish, fresh_entropy(), now());
  });
  const auto& made = issued.record;
  std::cout << issued.text << std::endl;
  if (!std::cout)
    throw startup_failure{"the token " + made.id +
                              " is made but could not be printed: revoke it",
                          exit_failed};
  std::cerr << "id " << made.id << '\n';
  if (!made.name.empty())
    std::cerr << "name " << made.name << '\n';
  std::cerr << "scopes " << made.scopes.to_text() << '\n'
            << "expires " << written_expiry(made, made.created_at) << '\n';
  tell_daemon(where);
  return 0;
}

int run(const list_tokens& wish, const options& where) {
  const auto all =
      value_or_fail(load_token_register(token_register_path(where)));
  if (wish.json)
    std::cout << to_listing(all, now()) << std::endl;
  else
    std::cout << to_table(all, now()) << std::flush;
  return 0;
}

int run(const revoke_tokens& wish, const options& where) {
  change_register(
      where, [&wish](token_register& all) { return revoke(all, wish, now()); });
  for (const auto& id : wish.ids)
    std::cerr << "revoked " << id << '\n';
  if (wish.all_jwt)
    std::cerr << "revoked every JSON Web Token issued until now\n";
  // Whoever revokes relies on it.
  return tell_daemon(where) ? 0 : exit_failed;
}

int run(const print_and_exit& wish, const options&) {
  std::cout << wish.text << std::flush;
  return 0;
}

} // namespace

int run_token_command(const std::vector<std::string>& args,
                      const option_sources& sources) {
  const auto order = value_or_fail(parse_token_arguments(args, sources, now()));
  const int status =
      std::visit([&order](const auto& what) { return run(what, order.where); },
                 order.what);
  if (!std::cout)
    throw startup_failure{"cannot write to stdout", exit_failed};
  return status;
}

} // namespace outrigger
