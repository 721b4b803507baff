#include "protocol/command_line.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

namespace outrigger {

namespace {

constexpr auto footer = R"(
Commands:
  serve                       Serve the workspace; the same without a command
  token create|list|revoke    Tokens for others: see outrigger token --help

Every option can also be set in the environment (OUTRIGGER_STATE_DIR for
--state-dir; lists separated by commas) and in a TOML file (state_dir = "…").
The command line wins over the environment, the environment over the file.

Examples:
  outrigger
  outrigger --root ~/project --listen 127.0.0.1:0
  outrigger --listen :3002 --tls-cert cert.pem --tls-key key.pem
  outrigger --config outrigger.toml --print-config)";

/// What is wrong with it, or "".
std::string check_command(const std::string& word) {
  if (word == "serve")
    return {};
  if (word == "token")
    return "token comes before its options: see outrigger token --help";
  return word + ": no such command; there are serve and token";
}

void add_option(CLI::App& app, const option_spec& spec) {
  const auto name = "--" + std::string{spec.name};
  const std::string help{spec.help};
  auto* option = spec.kind == option_kind::flag
                     ? app.add_flag(name, help)
                     : app.add_option(name)->description(help);
  option->group(std::string{spec.group});
  if (spec.kind == option_kind::flag)
    return;
  option->type_name(std::string{spec.value_name});
  if (spec.kind == option_kind::list)
    // One value each time: what follows it is another argument.
    option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

/// Named before CLI11 takes its value for something else.
void check_names(const CLI::App& app, const std::vector<std::string>& args) {
  for (const auto& each : args) {
    const auto name = each.substr(0, each.find('='));
    if (name == "--")
      return;
    if (name.starts_with("--") && app.get_option_no_throw(name) == nullptr)
      throw CLI::ValidationError{name, "no such option"};
  }
}

/// Throws what CLI11 throws.
void parse_with(CLI::App& app, std::vector<std::string> args,
                command_line& out) {
  std::string command;
  app.add_option("command", command, "serve or token, see below")
      ->check(CLI::Validator{check_command, "", "command"})
      ->type_name("");
  for (const auto& spec : option_specs())
    add_option(app, spec);
  app.add_option("--config", out.config, "TOML file to read options from")
      ->type_name("FILE")
      ->group("Configuration");
  app.add_flag("--print-config", out.print_config,
               "Print every option, its value and its origin, and exit")
      ->group("Configuration");
  app.set_help_flag("--help,-h", "Print this and exit");
  app.set_version_flag("--version",
                       "outrigger " + std::string{program_version()},
                       "Print the version and exit");
  app.footer(footer);

  check_names(app, args);
  std::reverse(args.begin(), args.end()); // CLI11 takes them from the back
  app.parse(std::move(args));
  for (const auto& spec : option_specs()) {
    const auto* option = app.get_option("--" + std::string{spec.name});
    if (option->count() > 0)
      out.given.try_emplace(std::string{spec.name},
                            given_values{option->results(), "command line"});
  }
}

} // namespace

result<std::variant<command_line, print_and_exit>>
read_command_line(const std::vector<std::string>& args) {
  CLI::App app{
      "outrigger: terminals and files of a workspace, served over HTTP "
      "and WebSocket",
      "outrigger"};
  command_line out;
  try {
    parse_with(app, args, out);
    return out;
  } catch (const CLI::CallForHelp&) {
    return print_and_exit{app.help()};
  } catch (const CLI::CallForVersion&) {
    return print_and_exit{app.version() + "\n"};
  } catch (const std::exception& failure) {
    return error{errc::malformed,
                 "command line: " + std::string{failure.what()} +
                     "; see outrigger --help"};
  }
}

} // namespace outrigger
