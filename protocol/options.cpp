#include "protocol/options.hpp"

#include <algorithm>
#include <sstream>

#include "protocol/ascii.hpp"
#include "protocol/command_line.hpp"
#include "protocol/log_line.hpp"
#include "protocol/option_table.hpp"
#include "protocol/option_text.hpp"
#include "protocol/utf8.hpp"

#include <toml++/toml.h>

namespace outrigger {

namespace {

error bad_option(std::string_view name, std::string_view why,
                 const std::string& origin) {
  std::string detail{name};
  detail.append(" ").append(why).append(" (").append(origin).append(")");
  return {errc::malformed, std::move(detail)};
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
  } else if ((kind == option_kind::number || kind == option_kind::size) &&
             node.is_integer()) {
    out.push_back(std::to_string(node.as_integer()->get()));
  } else if ((kind == option_kind::text || kind == option_kind::time ||
              kind == option_kind::size || kind == option_kind::list) &&
             node.is_string()) { // of a list, its only element
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
  case option_kind::time:
    return "must be a string with a unit, such as \"10s\"";
  case option_kind::size:
    return "must be a string such as \"64KiB\", or an integer of bytes";
  case option_kind::list:
    break;
  }
  return "must be a string or an array of strings";
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
  for (auto* path :
       {&opts.root, &opts.fs_root, &opts.state_dir, &opts.runtime_dir})
    make_absolute(*path, sources);
  for (auto& path : opts.more_roots)
    make_absolute(path, sources);
  fill(opts.token_file, opts.state_dir + "/token");
  fill(opts.holder, sources.program_dir + "/outrigger-holder");
  fill(opts.shell, default_shell(sources));
  for (auto* path : {&opts.token_file, &opts.tls_cert, &opts.tls_key,
                     &opts.holder, &opts.shell})
    make_absolute(*path, sources);
  for (auto& key : opts.jwt_keys)
    make_absolute(key.file, sources);
  return {};
}

/// A silent client is asked before it is given up.
result<void> check_pings(const options& opts) {
  const auto ping = opts.edge.ping_interval;
  const auto pong = opts.edge.pong_timeout;
  if (pong > ping)
    return {};
  const auto described = [&opts](const char* name,
                                 std::chrono::milliseconds value) {
    return std::string{name} + " of " + option_text::written(value) + " (" +
           opts.origin.at(name) + ")";
  };
  return error{errc::malformed, described("pong-timeout", pong) +
                                    " must be larger than the " +
                                    described("ping-interval", ping)};
}

result<void> check_safety(const options& opts) {
  if (opts.tls_cert.empty() != opts.tls_key.empty()) {
    const std::string given = opts.tls_cert.empty() ? "tls-key" : "tls-cert";
    return bad_option(given, "needs both a certificate and a key",
                      opts.origin.at(given));
  }
  return check_exposure(opts, opts.listen, opts.origin.at("listen"));
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
  if (const auto done = check_pings(out); !done)
    return done.error();
  return out;
}

/// Everything but what is unsafe to serve with.
result<std::variant<options, print_and_exit>>
gather(const std::vector<std::string>& args, const option_sources& sources) {
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

} // namespace

result<std::variant<options, print_and_exit>>
parse_options(const std::vector<std::string>& args,
              const option_sources& sources) {
  auto out = gather(args, sources);
  if (!out)
    return out.error();
  if (const auto* opts = std::get_if<options>(&*out))
    if (const auto safe = check_safety(*opts); !safe)
      return safe.error();
  return out;
}

result<options> locate_options(const std::vector<std::string>& args,
                               const option_sources& sources) {
  auto out = gather(args, sources);
  if (!out)
    return out.error();
  if (auto* opts = std::get_if<options>(&*out))
    return std::move(*opts);
  return error{errc::malformed, "command line: only options are taken here"};
}

result<void> check_exposure(const options& opts,
                            const std::vector<listen_address>& listen,
                            const std::string& origin) {
  const bool exposed =
      std::any_of(listen.begin(), listen.end(),
                  [](const auto& address) { return !address.is_loopback(); });
  if (exposed && !opts.auth)
    return error{errc::forbidden,
                 "no-auth is refused with a listener beyond loopback (" +
                     opts.origin.at("no-auth") + ")"};
  if (exposed && opts.tls_cert.empty() && !opts.insecure)
    return error{errc::forbidden,
                 "listening beyond loopback needs --tls-cert and --tls-key, "
                 "or --insecure (" +
                     origin + ")"};
  return {};
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
