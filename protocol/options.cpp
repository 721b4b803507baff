#include "protocol/options.hpp"

#include <algorithm>
#include <sstream>

#include "protocol/ascii.hpp"
#include "protocol/log_line.hpp"
#include "protocol/option_table.hpp"
#include "protocol/utf8.hpp"

#include <CLI/CLI.hpp>
#include <toml++/toml.h>

namespace outrigger {

namespace {

/// One option's values and where they came from, "command line" and the like.
struct given_values {
  option_values values;
  std::string origin;
};

/// By option name. Sources are read from the strongest to the weakest, and
/// the first to name an option wins.
using given_options = std::map<std::string, given_values, std::less<>>;

error bad_option(std::string_view name, std::string_view why,
                 const std::string& origin) {
  std::string detail{name};
  detail.append(" ").append(why).append(" (").append(origin).append(")");
  return {errc::malformed, std::move(detail)};
}

// -- command line -------------------------------------------------------------

constexpr auto footer = R"(
Every option can also be set in the environment (OUTRIGGER_STATE_DIR for
--state-dir; lists separated by commas) and in a TOML file (state_dir = "…").
The command line wins over the environment, the environment over the file.

Examples:
  outrigger
  outrigger --root ~/project --listen 127.0.0.1:0
  outrigger --listen :3002 --tls-cert cert.pem --tls-key key.pem
  outrigger --config outrigger.toml --print-config)";

struct command_line {
  given_options given;
  std::string config;
  bool print_config = false;
};

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

/// Throws what CLI11 throws.
void parse_with(CLI::App& app, std::vector<std::string> args,
                command_line& out) {
  std::string command;
  app.add_option("command", command, "serve, which is also the default")
      ->check(CLI::IsMember({"serve"}))
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

  std::reverse(args.begin(), args.end()); // CLI11 takes them from the back
  app.parse(std::move(args));
  for (const auto& spec : option_specs()) {
    const auto* option = app.get_option("--" + std::string{spec.name});
    if (option->count() > 0)
      out.given.try_emplace(std::string{spec.name},
                            given_values{option->results(), "command line"});
  }
}

result<std::variant<command_line, print_and_exit>>
read_command_line(const std::vector<std::string>& args) {
  CLI::App app{"outrigger: terminals of a workspace, served over HTTP and "
               "WebSocket",
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
                 "command line: " + std::string{failure.what()}};
  }
}

// -- environment --------------------------------------------------------------

/// An empty variable is an unset one: many ways of starting a process cannot
/// tell them apart.
std::optional<std::string> variable(const option_sources& sources,
                                    const std::string& name) {
  auto value = sources.env ? sources.env(name) : std::nullopt;
  return value && value->empty() ? std::nullopt : value;
}

void read_environment(const option_sources& sources, given_options& given) {
  for (const auto& spec : option_specs()) {
    const auto name = spec.environment_name();
    const auto value = variable(sources, name);
    if (!value)
      continue;
    given_values found{{}, "environment " + name};
    if (spec.kind == option_kind::list) {
      for (const auto piece : ascii::split(*value, ','))
        if (const auto element = ascii::trim(piece); !element.empty())
          found.values.emplace_back(element);
    } else {
      found.values.push_back(*value);
    }
    given.try_emplace(std::string{spec.name}, std::move(found));
  }
}

// -- file ---------------------------------------------------------------------

/// Null when the node has another type than the option.
std::optional<option_values> values_of(const toml::node& node,
                                       option_kind kind) {
  option_values out;
  if (kind == option_kind::flag && node.is_boolean()) {
    out.push_back(node.as_boolean()->get() ? "true" : "false");
  } else if (kind == option_kind::number && node.is_integer()) {
    out.push_back(std::to_string(node.as_integer()->get()));
  } else if (kind == option_kind::text && node.is_string()) {
    out.push_back(node.as_string()->get());
  } else if (kind == option_kind::list && node.is_array()) {
    for (const auto& element : *node.as_array()) {
      if (!element.is_string())
        return std::nullopt;
      out.push_back(element.as_string()->get());
    }
  } else {
    return std::nullopt;
  }
  return out;
}

std::string_view type_name(option_kind kind) {
  switch (kind) {
  case option_kind::flag:
    return "must be true or false";
  case option_kind::number:
    return "must be an integer";
  case option_kind::text:
    return "must be a string";
  case option_kind::list:
    break;
  }
  return "must be an array of strings";
}

result<void> take_table(const toml::table& table, const std::string& origin,
                        given_options& given) {
  const auto specs = option_specs();
  for (const auto& [toml_key, node] : table) {
    const auto key = toml_key.str();
    const auto spec =
        std::find_if(specs.begin(), specs.end(), [key](const auto& each) {
          return each.file_key() == key;
        });
    if (spec == specs.end())
      return bad_option(key, "is not an option", origin);
    auto values = values_of(node, spec->kind);
    if (!values)
      return bad_option(spec->name, type_name(spec->kind), origin);
    given.try_emplace(std::string{spec->name},
                      given_values{std::move(*values), origin});
  }
  return {};
}

result<void> read_config_file(const option_sources& sources,
                              const std::string& path, given_options& given) {
  const auto origin = "file " + path;
  if (!sources.read_file)
    return error{errc::malformed, origin + ": files cannot be read"};
  const auto content = sources.read_file(path);
  if (!content)
    return error{errc::malformed, origin + ": " + content.error().detail};
  try {
    return take_table(toml::parse(std::string_view{*content}), origin, given);
  } catch (const toml::parse_error& failure) {
    return error{errc::malformed,
                 origin + ", line " +
                     std::to_string(failure.source().begin.line) + ": " +
                     std::string{failure.description()}};
  } catch (const std::exception& failure) {
    return error{errc::malformed, origin + ": " + failure.what()};
  }
}

// -- defaults and rules -------------------------------------------------------

void make_absolute(std::string& path, const option_sources& sources) {
  if (path == ".")
    path = sources.current_dir;
  else if (!path.empty() && path.front() != '/')
    path = sources.current_dir + '/' + path;
}

/// Relative values of XDG variables are to be ignored, says their
/// specification.
std::optional<std::string> directory(const option_sources& sources,
                                     const std::string& name) {
  auto value = variable(sources, name);
  return value && value->front() == '/' ? value : std::nullopt;
}

std::string default_state_dir(const option_sources& sources,
                              const std::string& workspace) {
  const auto tail = "/outrigger/" + workspace;
  if (const auto state = directory(sources, "XDG_STATE_HOME"))
    return *state + tail;
  if (const auto home = directory(sources, "HOME"))
    return *home + "/.local/state" + tail;
  return {};
}

std::string default_runtime_dir(const option_sources& sources,
                                const std::string& workspace) {
  if (const auto runtime = directory(sources, "XDG_RUNTIME_DIR"))
    return *runtime + "/outrigger/" + workspace;
  if (sources.uid == 0)
    return "/run/outrigger/" + workspace;
  return "/tmp/outrigger-" + std::to_string(sources.uid) + '/' + workspace;
}

std::string default_shell(const option_sources& sources) {
  if (auto shell = directory(sources, "SHELL"))
    return *shell;
  const std::string bash = "/bin/bash";
  return !sources.is_program || sources.is_program(bash) ? bash : "/bin/sh";
}

/// Fills in what nobody set. After this every path is absolute.
result<void> complete(options& opts, const option_sources& sources) {
  const auto fill = [](std::string& value, const std::string& otherwise) {
    if (value.empty())
      value = otherwise;
  };
  if (opts.listen.empty())
    opts.listen.push_back({"127.0.0.1", 3002, {}});
  fill(opts.root, sources.current_dir);
  fill(opts.state_dir, default_state_dir(sources, opts.workspace_id));
  if (opts.state_dir.empty())
    return bad_option("state-dir", "is needed when HOME is not set", "default");
  fill(opts.runtime_dir, default_runtime_dir(sources, opts.workspace_id));
  for (auto* path : {&opts.root, &opts.state_dir, &opts.runtime_dir})
    make_absolute(*path, sources);
  fill(opts.token_file, opts.state_dir + "/token");
  fill(opts.holder, sources.program_dir + "/outrigger-holder");
  fill(opts.shell, default_shell(sources));
  for (auto* path : {&opts.token_file, &opts.tls_cert, &opts.tls_key,
                     &opts.holder, &opts.shell})
    make_absolute(*path, sources);
  return {};
}

result<void> check_safety(const options& opts) {
  if (opts.tls_cert.empty() != opts.tls_key.empty()) {
    const std::string given = opts.tls_cert.empty() ? "tls-key" : "tls-cert";
    return bad_option(given, "needs both a certificate and a key",
                      opts.origin.at(given));
  }
  const bool exposed =
      std::any_of(opts.listen.begin(), opts.listen.end(),
                  [](const auto& address) { return !address.is_loopback(); });
  if (exposed && !opts.auth)
    return error{errc::forbidden,
                 "no-auth is refused with a listener beyond loopback (" +
                     opts.origin.at("no-auth") + ")"};
  if (exposed && opts.tls_cert.empty() && !opts.insecure)
    return error{errc::forbidden,
                 "listening beyond loopback needs --tls-cert and --tls-key, "
                 "or --insecure (" +
                     opts.origin.at("listen") + ")"};
  return {};
}

result<options> assemble(const given_options& given,
                         const option_sources& sources) {
  options out;
  for (const auto& spec : option_specs()) {
    const auto found = given.find(spec.name);
    auto& origin = out.origin[std::string{spec.name}];
    origin = found == given.end() ? "default" : found->second.origin;
    if (found == given.end() || found->second.values.empty())
      continue;
    if (const auto flaw = spec.set(out, found->second.values); !flaw.empty())
      return bad_option(spec.name, flaw, origin);
  }
  if (const auto done = complete(out, sources); !done)
    return done.error();
  if (const auto done = check_safety(out); !done)
    return done.error();
  return out;
}

} // namespace

result<std::variant<options, print_and_exit>>
parse_options(const std::vector<std::string>& args,
              const option_sources& sources) {
  auto line = read_command_line(args);
  if (!line)
    return line.error();
  if (auto* text = std::get_if<print_and_exit>(&*line))
    return std::move(*text);
  auto& [given, config, print_config] = std::get<command_line>(*line);
  read_environment(sources, given);
  if (config.empty())
    config = variable(sources, "OUTRIGGER_CONFIG").value_or("");
  if (!config.empty())
    if (const auto done = read_config_file(sources, config, given); !done)
      return done.error();
  auto out = assemble(given, sources);
  if (!out)
    return out.error();
  out->print_config = print_config;
  return std::move(*out);
}

std::string to_toml(const options& opts) {
  std::string out;
  for (const auto& spec : option_specs()) {
    const auto from = opts.origin.find(std::string{spec.name});
    const auto origin =
        from == opts.origin.end() ? std::string{"default"} : from->second;
    // A file name may hold a line break, a TOML comment may not.
    out += spec.file_key() + " = " + spec.show(opts) + " # " +
           escape_controls(utf8::repaired(origin)) + '\n';
  }
  return out;
}

std::string_view program_version() {
  return OUTRIGGER_VERSION;
}

} // namespace outrigger
