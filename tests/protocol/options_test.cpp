#include "protocol/options.hpp"

#include <catch2/catch.hpp>

#include "protocol/option_table.hpp"
#include "tests/protocol/option_world.hpp"
#include "tests/protocol/prefixes.hpp"

using namespace outrigger;
using namespace std::chrono_literals;
using test::option_world;

TEST_CASE_METHOD(option_world, "nothing given is a complete set of defaults") {
  const auto opts = good({});
  REQUIRE(opts.listen.size() == 1);
  CHECK(opts.listen[0].host == "127.0.0.1");
  CHECK(opts.listen[0].port == 3002);
  CHECK(opts.root == "/srv");
  CHECK(opts.workspace_id == "local");
  CHECK(opts.state_dir == "/home/u/.local/state/outrigger/local");
  CHECK(opts.runtime_dir == "/tmp/outrigger-1000/local");
  CHECK(opts.token_file == opts.state_dir + "/token");
  CHECK(opts.holder == "/opt/bin/outrigger-holder");
  CHECK(opts.shell == "/bin/bash");
  CHECK(opts.auth);
  CHECK(opts.terminal_limit == limits::default_terminal_limit);
  CHECK(opts.log_level == "info");
  CHECK(opts.log == log_format::text);
  CHECK_FALSE(opts.print_config);
  for (const auto& spec : option_specs())
    CHECK(opts.origin.at(std::string{spec.name}) == "default");
}

TEST_CASE_METHOD(option_world,
                 "the directories follow XDG, the user and the id") {
  env["XDG_STATE_HOME"] = "/state";
  env["XDG_RUNTIME_DIR"] = "/run/user/1000";
  env["SHELL"] = "/bin/zsh";
  auto opts = good({"--workspace-id", "w-1"});
  CHECK(opts.state_dir == "/state/outrigger/w-1");
  CHECK(opts.runtime_dir == "/run/user/1000/outrigger/w-1");
  CHECK(opts.shell == "/bin/zsh");
  env["XDG_STATE_HOME"] = "relative";
  env["XDG_RUNTIME_DIR"] = "";
  env["SHELL"] = "zsh";
  uid = 0;
  has_bash = false;
  opts = good({});
  CHECK(opts.state_dir == "/home/u/.local/state/outrigger/local");
  CHECK(opts.runtime_dir == "/run/outrigger/local");
  CHECK(opts.shell == "/bin/sh");
}

TEST_CASE_METHOD(option_world,
                 "without a home the state directory is asked for") {
  env.clear();
  CHECK_THAT(bad({}).detail, Catch::Contains("state-dir"));
  CHECK(good({"--state-dir", "/s"}).state_dir == "/s");
}

TEST_CASE_METHOD(option_world,
                 "every option can be given on the command line") {
  const auto opts = good({"serve",
                          "--listen",
                          "[::1]:0",
                          "--listen=unix:/s",
                          "--root",
                          "sub",
                          "--root",
                          "/other",
                          "--fs-root",
                          "/",
                          "--workspace-id",
                          "w",
                          "--state-dir",
                          "/s",
                          "--runtime-dir",
                          "/r",
                          "--token-file",
                          "t",
                          "--tls-cert",
                          "/c",
                          "--tls-key",
                          "/k",
                          "--holder",
                          "/h",
                          "--shell",
                          "/bin/fish",
                          "--login-shell",
                          "--no-auth",
                          "--insecure",
                          "--stop-sessions",
                          "--terminal-limit",
                          "255",
                          "--allow-host",
                          "Dev.Example",
                          "--allow-host",
                          "10.0.0.1",
                          "--allow-origin",
                          "https://ide.example",
                          "--jwt-key",
                          "k1:ES256:keys/k1.pem",
                          "--no-sandbox",
                          "--compression",
                          "on",
                          "--header-timeout",
                          "1s",
                          "--body-timeout=2s",
                          "--idle-timeout=3s",
                          "--write-timeout=4s",
                          "--auth-timeout=500ms",
                          "--ping-interval=1m",
                          "--pong-timeout=1h",
                          "--max-header=16KiB",
                          "--max-header-fields=20",
                          "--max-body=2KiB",
                          "--max-upload=3GiB",
                          "--max-message=8192",
                          "--max-fragments=7",
                          "--max-requests=8",
                          "--max-unauthenticated=9",
                          "--memory-budget=1GiB",
                          "--access-log",
                          "--log-level",
                          "DEBUG",
                          "--log-format",
                          "json",
                          "--print-config"});
  REQUIRE(opts.listen.size() == 2);
  CHECK(opts.listen[1].unix_path == "/s");
  CHECK(opts.root == "/srv/sub");
  CHECK(opts.more_roots == std::vector<std::string>{"/other"});
  CHECK(opts.fs_root == "/");
  CHECK(opts.token_file == "/srv/t");
  CHECK(opts.tls_cert == "/c");
  CHECK(opts.holder == "/h");
  CHECK(opts.shell == "/bin/fish");
  CHECK(opts.login_shell);
  CHECK_FALSE(opts.auth);
  CHECK(opts.insecure);
  CHECK(opts.stop_sessions);
  CHECK(opts.terminal_limit == 255);
  CHECK(opts.allow_hosts ==
        std::vector<std::string>{"dev.example", "10.0.0.1"});
  CHECK(opts.allow_origins == std::vector<std::string>{"https://ide.example"});
  CHECK(opts.jwt_keys ==
        std::vector<jwt_key_option>{{"k1", "ES256", "/srv/keys/k1.pem"}});
  CHECK_FALSE(opts.sandbox);
  CHECK(opts.compression);
  CHECK(opts.edge.header_timeout == 1s);
  CHECK(opts.edge.body_timeout == 2s);
  CHECK(opts.edge.idle_timeout == 3s);
  CHECK(opts.edge.write_timeout == 4s);
  CHECK(opts.edge.auth_timeout == 500ms);
  CHECK(opts.edge.ping_interval == 1min);
  CHECK(opts.edge.pong_timeout == 1h);
  CHECK(opts.edge.max_header == 16 * 1024);
  CHECK(opts.edge.max_fields == 20);
  CHECK(opts.edge.max_body == 2048);
  CHECK(opts.edge.max_upload == std::size_t{3} << 30);
  CHECK(opts.edge.max_message == 8192);
  CHECK(opts.edge.max_fragments == 7);
  CHECK(opts.edge.max_requests == 8);
  CHECK(opts.edge.max_unauthenticated == 9);
  CHECK(opts.edge.memory_budget == std::size_t{1} << 30);
  CHECK(opts.access_log);
  CHECK(opts.log_level == "debug");
  CHECK(opts.log == log_format::json);
  CHECK(opts.print_config);
  for (const auto& spec : option_specs())
    CHECK(opts.origin.at(std::string{spec.name}) == "command line");
}

TEST_CASE_METHOD(option_world, "command line over environment over file") {
  files["/c.toml"] = "root = \"/file\"\nshell = \"/file/sh\"\n"
                     "log_level = \"warn\"\nlisten = [\"127.0.0.1:1\"]\n"
                     "terminal_limit = 3\nno_auth = true\n";
  env["OUTRIGGER_CONFIG"] = "/c.toml";
  env["OUTRIGGER_ROOT"] = "/env";
  env["OUTRIGGER_SHELL"] = "/env/sh";
  env["OUTRIGGER_LISTEN"] = "127.0.0.1:2, [::1]:3,";
  const auto opts = good({"--root", "/line", "--no-auth=false"});
  CHECK(opts.root == "/line");
  CHECK(opts.shell == "/env/sh");
  CHECK(opts.log_level == "warn");
  CHECK(opts.terminal_limit == 3);
  REQUIRE(opts.listen.size() == 2);
  CHECK(opts.listen[1].port == 3);
  CHECK(opts.auth);
  CHECK(opts.origin.at("root") == "command line");
  CHECK(opts.origin.at("shell") == "environment OUTRIGGER_SHELL");
  CHECK(opts.origin.at("log-level") == "file /c.toml");
  CHECK(opts.origin.at("holder") == "default");
}

TEST_CASE_METHOD(option_world, "flags in the environment take usual words") {
  for (const auto* yes : {"1", "true", "YES", "on"}) {
    env["OUTRIGGER_LOGIN_SHELL"] = yes;
    CHECK(good({}).login_shell);
  }
  for (const auto* no : {"0", "False", "no", "off", ""}) {
    env["OUTRIGGER_LOGIN_SHELL"] = no;
    CHECK_FALSE(good({}).login_shell);
  }
  env["OUTRIGGER_LOGIN_SHELL"] = "maybe";
  CHECK_THAT(bad({}).detail, Catch::Contains("login-shell") &&
                                 Catch::Contains("OUTRIGGER_LOGIN_SHELL"));
}

TEST_CASE_METHOD(option_world, "unknown variables are nobody's business") {
  env["OUTRIGGER_SESSION"] = "x";
  CHECK(good({}).root == "/srv");
}

TEST_CASE_METHOD(option_world, "bad values name the option and its origin") {
  const auto [option, value] = GENERATE(table<std::string, std::string>({
      {"listen", "example.com:80"},
      {"listen", "x"},
      {"workspace-id", "a/b"},
      {"workspace-id", ".hidden"},
      {"workspace-id", std::string(65, 'x')},
      {"terminal-limit", "0"},
      {"terminal-limit", "256"},
      {"terminal-limit", "-1"},
      {"terminal-limit", "many"},
      {"allow-host", "a:80"},
      {"allow-host", "http://a"},
      {"allow-host", "*"},
      {"allow-origin", "null"},
      {"allow-origin", "*"},
      {"allow-origin", "https://a/"},
      {"allow-origin", "a.example"},
      {"log-level", "loud"},
      {"log-format", "xml"},
  }));
  CAPTURE(option, value);
  const auto refused = bad({"--" + option, value});
  CHECK(refused.code == errc::malformed);
  CHECK_THAT(refused.detail,
             Catch::Contains(option) && Catch::Contains("(command line)"));
}

TEST_CASE_METHOD(option_world,
                 "unknown or incomplete arguments are malformed") {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"--nope"},
        {"attack"},
        {"serve", "serve"},
        {"--listen"},
        {"--root", ""},
        {"--shell", "/a", "--shell", "/b"},
        {"--token", "x"},
        {"token"},
        {"--root", "/a", "token", "list"},
        {"-x"}}) {
    CAPTURE(args);
    CHECK(bad(args).code == errc::malformed);
  }
  CHECK(bad({"--port", "1"}).detail ==
        "command line: --port: no such option; see outrigger --help");
  CHECK_THAT(bad({"bogus"}).detail, Catch::Contains("bogus: no such command"));
}

TEST_CASE_METHOD(option_world, "a file with mistakes is malformed and named") {
  const auto [text, part] = GENERATE(table<std::string, std::string>({
      {"nope = 1", "nope"},
      {"[network]\nlisten = []", "network"},
      {"root = 5", "root must be a string or an array"},
      {"shell = 5", "shell must be a string"},
      {"listen = \"127.0.0.1\"", "listen is wrong"},
      {"listen = [1]", "listen must be a string or an array"},
      {"no_auth = \"yes\"", "no-auth must be true or false"},
      {"terminal_limit = \"9\"", "terminal-limit must be an integer"},
      {"terminal_limit = 1.5", "terminal-limit must be an integer"},
      {"terminal_limit = -1", "terminal-limit must be 1 to 255"},
      {"root = ", "line 1"},
      {"root = \"a\"\nroot = \"b\"", "line 2"},
      {"\xff", "file /c.toml"},
      {"print_config = true", "print_config"},
  }));
  CAPTURE(text);
  files["/c.toml"] = text;
  const auto refused = bad({"--config", "/c.toml"});
  CHECK(refused.code == errc::malformed);
  CHECK_THAT(refused.detail,
             Catch::Contains(part) && Catch::Contains("/c.toml"));
}

TEST_CASE_METHOD(option_world, "a file that cannot be read is malformed") {
  CHECK_THAT(bad({"--config", "/none"}).detail,
             Catch::Contains("/none") && Catch::Contains("no such file"));
}

TEST_CASE_METHOD(option_world, "a certificate and its key come together") {
  CHECK_THAT(bad({"--tls-cert", "/c"}).detail, Catch::Contains("tls-cert"));
  CHECK_THAT(bad({"--tls-key", "/k"}).detail, Catch::Contains("tls-key"));
}

TEST_CASE_METHOD(option_world, "beyond loopback it takes TLS or insistence") {
  const std::string all = GENERATE("0.0.0.0:1", ":1", "[::]:1", "10.0.0.1:1");
  CHECK(bad({"--listen", all}).code == errc::forbidden);
  CHECK(bad({"--listen", "127.0.0.1:1", "--listen", all}).code ==
        errc::forbidden);
  CHECK(good({"--listen", all, "--insecure"}).insecure);
  CHECK(good({"--listen", all, "--tls-cert", "c", "--tls-key", "k"}).tls_key ==
        "/srv/k");
  for (const auto* more : {"--insecure", "--tls-cert=c"}) {
    const auto refused = bad(
        {"--listen", all, "--no-auth", "--tls-key=k", "--tls-cert=c",
         std::string{more} == "--insecure" ? "--insecure" : "--login-shell"});
    CHECK(refused.code == errc::forbidden);
  }
  CHECK_FALSE(good({"--listen", "unix:/s", "--no-auth"}).auth);
}

TEST_CASE_METHOD(option_world,
                 "help shows every option and how else to set it") {
  const auto text = printed("--help");
  for (const auto& spec : option_specs())
    CHECK_THAT(text, Catch::Contains("--" + std::string{spec.name}));
  CHECK_THAT(text, Catch::Contains("outrigger token --help") &&
                       Catch::Contains("OUTRIGGER_STATE_DIR") &&
                       Catch::Contains("Examples:") &&
                       Catch::Contains("--config"));
  CHECK_THAT(printed("--version"),
             Catch::StartsWith("outrigger ") && Catch::EndsWith("\n"));
}

TEST_CASE_METHOD(option_world,
                 "the printed configuration is one that is read") {
  const auto before =
      good({"--root", "/a \"b\"\\\x01\x7f", "--listen", "[::1]:5", "--listen",
            "unix:/s", "--no-auth", "--terminal-limit", "4", "--allow-host",
            "::1", "--allow-origin", "https://x.example"});
  const auto text = to_toml(before);
  CHECK_THAT(text, Catch::Contains("no_auth = true # command line") &&
                       Catch::Contains("terminal_limit = 4 # command line") &&
                       Catch::Contains("log_level = \"info\" # default"));
  files["/c.toml"] = text;
  const auto after = good({"--config", "/c.toml"});
  CHECK(after.root == before.root);
  CHECK(after.listen.size() == 2);
  CHECK_FALSE(after.auth);
  CHECK(after.allow_hosts == before.allow_hosts);
  const auto values_of = [](const std::string& toml) {
    std::string out;
    for (const auto& spec : option_specs())
      out += toml.substr(toml.find(spec.file_key() + " = "), 8);
    return out;
  };
  CHECK(values_of(to_toml(after)) == values_of(text));
}

TEST_CASE_METHOD(option_world, "an odd file name does not leave its comment") {
  files["/a\nroot = 5 \xff"] = "shell = \"/bin/sh\"";
  files["/c.toml"] = to_toml(good({"--config", "/a\nroot = 5 \xff"}));
  CHECK(good({"--config", "/c.toml"}).shell == "/bin/sh");
}

TEST_CASE_METHOD(option_world, "a file cut anywhere is read or malformed") {
  const auto whole = to_toml(good({}));
  test::for_each_prefix(whole, [&](auto text) {
    files["/c.toml"] = text;
    const auto out = parse({"--config", "/c.toml"});
    if (!out)
      CHECK(out.error().code == errc::malformed);
  });
}

TEST_CASE("without any source parsing still answers") {
  CHECK(parse_options({}, {}).has_error());
  CHECK(parse_options({"--state-dir", "/s", "--config", "x"}, {}).has_error());
  CHECK(parse_options({"--state-dir", "/s"}, {}).has_value());
}
