#include "protocol/token_arguments.hpp"

#include <algorithm>

#include "protocol/ascii.hpp"
#include "protocol/expiry.hpp"
#include "protocol/utf8.hpp"

#include <CLI/CLI.hpp>

namespace outrigger {

namespace {

constexpr auto about =
    "Tokens for others than the owner; a running daemon is told of every "
    "change";

constexpr auto scope_list =
    "all, read, terminal, files, agent, ports, computer, admin, or narrowed: "
    "terminal:3, terminal:3:view, files:/docs, files:/docs:read, port:8080";

constexpr auto create_footer = R"(
The token is shown this once: only its SHA-256 is kept. What it is good for is
printed on stderr.

Scopes:
  all                          Everything
  read                         Look at anything
  terminal  files  agent  ports  computer  admin
                               Use one part of the workspace
  terminal:3  terminal:3:view  Use, or only watch, one terminal
  files:/docs  files:/docs:read
                               Change, or only read, one folder
  port:8080                    Reach one port

Examples:
  TOKEN=$(outrigger token create --scope read --expires 12h)
  outrigger token create --scope terminal:3:view --name pairing
  outrigger token create --scope files:/docs --scope port:8080 --expires never)";

constexpr auto main_footer = R"(
Examples:
  TOKEN=$(outrigger token create --scope terminal --expires 30d --name ci)
  outrigger token list
  outrigger token revoke 1a2b3c4d)";

/// What was given, not judged yet.
struct given_arguments {
  std::vector<std::string> scopes;
  std::string expires = "30d";
  std::string name;
  list_tokens list;
  revoke_tokens revoke;
  std::string state_dir;
  std::string workspace_id;
  std::string config;
};

/// The same as those of serve, and with the same sources beside them.
void add_where(CLI::App& to, given_arguments& out) {
  const auto add = [&to](const std::string& name, std::string& value,
                         const std::string& type, const std::string& help) {
    to.add_option(name, value, help)->type_name(type)->group("Which daemon");
  };
  add("--workspace-id", out.workspace_id, "ID",
      "Name of the workspace. Default: local");
  add("--state-dir", out.state_dir, "DIR",
      "Where its tokens are. Default: $XDG_STATE_HOME/outrigger/ID");
  add("--config", out.config, "FILE", "TOML file the daemon reads");
}

void add_create(CLI::App& app, given_arguments& out) {
  auto* create = app.add_subcommand(
      "create", "Make a token and print it, alone, on stdout");
  create
      ->add_option("--scope", out.scopes,
                   "What it is good for, see below. Repeatable, required")
      ->type_name("SCOPE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  create
      ->add_option("--expires", out.expires,
                   "When it ends: a time such as 30d or 12h, the end of a day "
                   "such as 2026-12-31 (UTC), or never. Default: 30d")
      ->type_name("WHEN");
  create->add_option("--name", out.name, "What to call it in lists and logs")
      ->type_name("NAME");
  add_where(*create, out);
  create->footer(create_footer);
}

void add_list(CLI::App& app, given_arguments& out) {
  auto* list = app.add_subcommand("list", "Show tokens, never their text");
  list->add_flag("--json", out.list.json, "One JSON object on one line");
  add_where(*list, out);
}

void add_revoke(CLI::App& app, given_arguments& out) {
  auto* revoke = app.add_subcommand(
      "revoke", "End tokens at once, on open connections too");
  revoke->add_option("ID", out.revoke.ids, "As token list shows them")
      ->type_name("");
  revoke->add_flag("--all-jwt", out.revoke.all_jwt,
                   "Every JSON Web Token issued until now");
  add_where(*revoke, out);
}

error bad(std::string why) {
  return {errc::malformed, std::move(why)};
}

result<create_token> judge_create(const given_arguments& given,
                                  std::int64_t now) {
  if (given.scopes.empty())
    return bad(std::string{"--scope is needed: "} + scope_list);
  std::string joined;
  for (const auto& scope : given.scopes)
    joined += scope + ' ';
  auto scopes = parse_scopes(joined);
  if (!scopes)
    return bad("--scope: " + scopes.error().detail + "; there are " +
               scope_list);
  const auto end = parse_expiry(given.expires, now);
  if (!end)
    return bad("--expires " + end.error().detail);
  const bool plain =
      given.name.size() <= 64 && utf8::valid(given.name) &&
      std::none_of(given.name.begin(), given.name.end(), ascii::is_control);
  if (!plain)
    return bad("--name must be printable and at most 64 bytes long");
  return create_token{given.name, std::move(*scopes), *end};
}

result<options> locate(const given_arguments& given,
                       const option_sources& sources) {
  std::vector<std::string> args;
  const auto pass = [&args](const char* name, const std::string& value) {
    if (!value.empty())
      args.push_back(name + value);
  };
  pass("--state-dir=", given.state_dir);
  pass("--workspace-id=", given.workspace_id);
  pass("--config=", given.config);
  return locate_options(args, sources);
}

using given_command = decltype(token_order::what);

/// What the command line asks for, by its command.
result<given_command> judge(const CLI::App& app, const given_arguments& given,
                            std::int64_t now) {
  if (app.got_subcommand("list"))
    return given_command{given.list};
  if (app.got_subcommand("create")) {
    auto create = judge_create(given, now);
    if (!create)
      return create.error();
    return given_command{std::move(*create)};
  }
  if (!app.got_subcommand("revoke"))
    return bad("token: create, list or revoke, see outrigger token --help");
  if (given.revoke.ids.empty() && !given.revoke.all_jwt)
    return bad("what to revoke is needed: IDs, as token list shows them, or "
               "--all-jwt");
  return given_command{given.revoke};
}

} // namespace

result<token_order> parse_token_arguments(const std::vector<std::string>& args,
                                          const option_sources& sources,
                                          std::int64_t now) {
  CLI::App app{about, "outrigger token"};
  given_arguments given;
  app.set_help_flag("--help,-h", "Print this and exit");
  app.require_subcommand(0, 1);
  app.footer(main_footer);
  add_create(app, given);
  add_list(app, given);
  add_revoke(app, given);
  token_order out;
  try {
    auto reversed = args; // CLI11 takes them from the back
    std::reverse(reversed.begin(), reversed.end());
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    out.what = print_and_exit{app.help()};
    return out;
  } catch (const std::exception& failure) {
    return bad("token: " + std::string{failure.what()});
  }
  auto what = judge(app, given, now);
  if (!what)
    return what.error();
  out.what = std::move(*what);
  auto where = locate(given, sources);
  if (!where)
    return where.error();
  out.where = std::move(*where);
  return out;
}

} // namespace outrigger
