#include "actors/terminal_spawn.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "protocol/limits.hpp"

namespace outrigger {
namespace {

/// "NAME=value" settings, later ones replacing earlier ones of that name.
class environment {
public:
  explicit environment(const std::vector<std::string>& base) {
    for (const auto& setting : base)
      set(setting.substr(0, setting.find('=')), setting);
  }
  void set(const std::string& variable, std::string setting) {
    settings_.insert_or_assign(variable, std::move(setting));
  }
  [[nodiscard]] std::vector<std::string> list() const {
    std::vector<std::string> all;
    for (const auto& [variable, setting] : settings_)
      all.push_back(setting);
    return all;
  }

private:
  std::map<std::string, std::string> settings_;
};

/// Memory of a ring that always has this scrollback to give, also while its
/// writer has the next 64 KiB reserved.
std::size_t ring_capacity(std::size_t scrollback_size) {
  constexpr std::size_t reserved = 64 * 1024;
  return std::max(limits::default_ring, scrollback_size + reserved);
}

} // namespace

os::spawn_request to_spawn(const create_terminal_body& body,
                           const terminal_defaults& defaults) {
  environment env{defaults.environment};
  for (const auto& [variable, value] : body.env)
    env.set(variable, variable + "=" + value);
  os::spawn_request spawn;
  spawn.kind = os::session_kind::pty;
  spawn.argv = body.command;
  if (spawn.argv.empty()) {
    spawn.argv = {defaults.shell};
    spawn.login = defaults.login_shell;
  }
  spawn.login = body.login.value_or(spawn.login);
  spawn.env = env.list();
  spawn.cwd = body.cwd.empty() ? defaults.root : body.cwd;
  if (!spawn.cwd.starts_with('/'))
    spawn.cwd = defaults.root + "/" + spawn.cwd;
  spawn.cols = body.size.cols;
  spawn.rows = body.size.rows;
  spawn.ring_capacity = ring_capacity(body.scrollback_size);
  return spawn;
}

} // namespace outrigger
