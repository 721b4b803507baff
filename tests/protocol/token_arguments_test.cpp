#include "protocol/token_arguments.hpp"

#include <catch2/catch.hpp>

#include "tests/protocol/option_world.hpp"

using namespace outrigger;

namespace {

constexpr std::int64_t now = 1'770'091'506; // 2026-02-03T04:05:06Z

struct token_world : test::option_world {
  [[nodiscard]] token_order order(const std::vector<std::string>& args) const {
    auto out = parse_token_arguments(args, sources(), now);
    if (!out)
      FAIL(out.error().detail);
    return std::move(*out);
  }

  template <class What>
  [[nodiscard]] What asked(const std::vector<std::string>& args) const {
    const auto out = order(args);
    REQUIRE(std::holds_alternative<What>(out.what));
    return std::get<What>(out.what);
  }

  [[nodiscard]] std::string flaw(const std::vector<std::string>& args) const {
    const auto out = parse_token_arguments(args, sources(), now);
    REQUIRE(out.has_error());
    CHECK(out.error().code == errc::malformed);
    return out.error().detail;
  }
};

} // namespace

TEST_CASE_METHOD(token_world, "a token is created with scopes, end and name") {
  const auto wish = asked<create_token>({"create", "--scope", "terminal:3:view",
                                         "--scope=read,port:8080", "--expires",
                                         "12h", "--name", "ci"});
  CHECK(wish.scopes == *parse_scopes("terminal:3:view read port:8080"));
  CHECK(wish.expires_at == now + 43'200);
  CHECK(wish.name == "ci");
}

TEST_CASE_METHOD(token_world,
                 "a token ends after 30 days unless told otherwise") {
  const auto wish = asked<create_token>({"create", "--scope", "read"});
  CHECK(wish.expires_at == now + 2'592'000);
  CHECK(wish.name.empty());
  CHECK(asked<create_token>({"create", "--scope", "all", "--expires", "never"})
            .expires_at == std::nullopt);
}

TEST_CASE_METHOD(token_world, "scopes are asked for, and then listed") {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"create"},
        {"create", "--scope", "root"},
        {"create", "--scope", "read", "--scope", "terminal:0"},
        {"create", "--scope", ""},
        {"create", "--scope", " "}}) {
    CAPTURE(args);
    CHECK_THAT(flaw(args), Catch::StartsWith("--scope") &&
                               Catch::Contains("computer, admin") &&
                               Catch::Contains("terminal:3:view"));
  }
}

TEST_CASE_METHOD(token_world,
                 "bad ends and names are refused by their option") {
  CHECK_THAT(flaw({"create", "--scope=read", "--expires=soon"}),
             Catch::StartsWith("--expires must be a time such as 30d"));
  CHECK_THAT(flaw({"create", "--scope=read", "--expires=0d"}),
             Catch::StartsWith("--expires must be in the future"));
  for (const auto& name :
       {std::string(65, 'x'), std::string{"a\nb"}, std::string{"\x1b[2J"},
        std::string{"\xff"}, std::string{"\x7f"}})
    CHECK_THAT(flaw({"create", "--scope=read", "--name=" + name}),
               Catch::StartsWith("--name must be"));
  CHECK(asked<create_token>(
            {"create", "--scope=read", "--name=" + std::string(64, 'x')})
            .name.size() == 64);
}

TEST_CASE_METHOD(token_world, "tokens are listed for people or for programs") {
  CHECK_FALSE(asked<list_tokens>({"list"}).json);
  CHECK(asked<list_tokens>({"list", "--json"}).json);
}

TEST_CASE_METHOD(token_world, "what to revoke must be said") {
  const auto some = asked<revoke_tokens>({"revoke", "1a2b3c4d", "00000000"});
  CHECK(some.ids == std::vector<std::string>{"1a2b3c4d", "00000000"});
  CHECK_FALSE(some.all_jwt);
  const auto all = asked<revoke_tokens>({"revoke", "--all-jwt"});
  CHECK(all.ids.empty());
  CHECK(all.all_jwt);
  CHECK_THAT(flaw({"revoke"}), Catch::Contains("--all-jwt"));
}

TEST_CASE_METHOD(token_world, "a command is needed, and no other than these") {
  CHECK_THAT(flaw({}), Catch::Contains("create, list or revoke"));
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"dance"},
        {"create", "list"},
        {"list", "extra"},
        {"list", "--scope", "read"},
        {"create", "--scope", "read", "--json"},
        {"create", "--scope"},
        {"--json"},
        {"create", "--scope=read", "--name=a", "--name=b"}}) {
    CAPTURE(args);
    CHECK_THAT(flaw(args), Catch::StartsWith("token: "));
  }
}

TEST_CASE_METHOD(token_world, "the directory is the daemon's own") {
  CHECK(order({"list"}).where.state_dir ==
        "/home/u/.local/state/outrigger/local");
  CHECK(order({"list", "--workspace-id", "w"}).where.state_dir ==
        "/home/u/.local/state/outrigger/w");
  CHECK(order({"list", "--state-dir", "s"}).where.state_dir == "/srv/s");
  env["OUTRIGGER_STATE_DIR"] = "/env";
  CHECK(order({"revoke", "x"}).where.state_dir == "/env");
  env.erase("OUTRIGGER_STATE_DIR");
  files["/c.toml"] = "state_dir = \"/file\"\nlisten = [\":3002\"]\n";
  CHECK(order({"list", "--config", "/c.toml"}).where.state_dir == "/file");
  env["OUTRIGGER_CONFIG"] = "/c.toml";
  CHECK(order({"create", "--scope=read"}).where.state_dir == "/file");
  CHECK_THAT(flaw({"list", "--workspace-id", "a/b"}),
             Catch::Contains("workspace-id must be"));
  CHECK_THAT(flaw({"list", "--config", "/none"}), Catch::Contains("/none"));
}

TEST_CASE_METHOD(token_world, "help explains each command") {
  const auto help = [this](std::vector<std::string> args) {
    args.emplace_back("--help");
    return asked<print_and_exit>(args).text;
  };
  CHECK_THAT(help({}), Catch::Contains("create") && Catch::Contains("list") &&
                           Catch::Contains("revoke") &&
                           Catch::Contains("Examples:"));
  CHECK_THAT(help({"create"}),
             Catch::Contains("outrigger token create") &&
                 Catch::Contains("--expires") && Catch::Contains("30d") &&
                 Catch::Contains("terminal:3:view") &&
                 Catch::Contains("computer") && Catch::Contains("--state-dir"));
  CHECK_THAT(help({"list"}), Catch::Contains("--json"));
  CHECK_THAT(help({"revoke"}), Catch::Contains("--all-jwt"));
}
