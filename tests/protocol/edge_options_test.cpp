// The options of the network edge: times, sizes and counts with their ranges,
// and the keys of JWTs.

#include <algorithm>

#include <catch2/catch.hpp>

#include "protocol/option_table.hpp"
#include "tests/protocol/option_world.hpp"

using namespace outrigger;
using namespace std::chrono_literals;
using test::option_world;

TEST_CASE_METHOD(option_world, "the edge's defaults are the documented ones") {
  const auto opts = good({});
  const limits::edge_limits documented;
  CHECK(opts.edge.header_timeout == documented.header_timeout);
  CHECK(opts.edge.pong_timeout == documented.pong_timeout);
  CHECK(opts.edge.max_message == documented.max_message);
  CHECK(opts.edge.max_unauthenticated == documented.max_unauthenticated);
  CHECK(opts.edge.memory_budget == 0);
  CHECK(opts.sandbox);
  CHECK_FALSE(opts.compression);
  CHECK_FALSE(opts.access_log);
  CHECK(opts.jwt_keys.empty());
}

TEST_CASE("the help of a limit ends with the default it has") {
  int seen = 0;
  for (const auto& spec : option_specs()) {
    if (spec.group != "Timeouts" && spec.group != "Limits")
      continue;
    ++seen;
    auto shown = spec.show({});
    shown.erase(std::remove(shown.begin(), shown.end(), '"'), shown.end());
    CAPTURE(spec.name);
    CHECK_THAT(std::string{spec.help}, Catch::EndsWith("Default: " + shown));
  }
  CHECK(seen == 16);
}

TEST_CASE_METHOD(option_world, "a limit out of its range names the range") {
  const auto [option, value, part] =
      GENERATE(table<std::string, std::string, std::string>({
          {"header-timeout", "10", "100ms to 1h"},
          {"header-timeout", "99ms", "(ms, s, m, h)"},
          {"body-timeout", "61m", "such as 10s"},
          {"idle-timeout", "0s", "100ms"},
          {"write-timeout", "never", "100ms"},
          {"auth-timeout", "-5s", "100ms"},
          {"ping-interval", "1d", "100ms"},
          {"pong-timeout", "2h", "100ms"},
          {"max-header", "1023", "1KiB to 256KiB"},
          {"max-header", "8k", "(B, KiB, MiB, GiB)"},
          {"max-header", "257KiB", "256KiB"},
          {"max-header-fields", "15", "16 to 1000"},
          {"max-body", "1048577", "1KiB to 1MiB"},
          {"max-upload", "1023", "1KiB to 16384GiB"},
          {"max-upload", "20000GiB", "16384GiB"},
          {"max-message", "2MiB", "4KiB to 1MiB"},
          {"max-message", "1KiB", "4KiB"},
          {"max-fragments", "0", "1 to 1048576"},
          {"max-requests", "1000001", "1 to 1000000"},
          {"max-requests", "1KiB", "1 to 1000000"},
          {"max-unauthenticated", "0", "1 to 65536"},
          {"memory-budget", "15MiB", "16MiB to 1024GiB"},
          {"memory-budget", "0", "or auto"},
          {"memory-budget", "Auto", "or auto"},
          {"compression", "gzip", "on or off"},
      }));
  CAPTURE(option, value);
  const auto refused = bad({"--" + option + "=" + value});
  CHECK(refused.code == errc::malformed);
  CHECK_THAT(refused.detail, Catch::StartsWith(option + " must be ") &&
                                 Catch::Contains(part) &&
                                 Catch::EndsWith("(command line)"));
}

TEST_CASE_METHOD(option_world, "both ends of a range belong to it") {
  const auto opts = good({"--header-timeout=100ms", "--pong-timeout=1h",
                          "--max-header=1KiB", "--max-message=1048576",
                          "--max-requests=1000000", "--memory-budget=16MiB"});
  CHECK(opts.edge.header_timeout == 100ms);
  CHECK(opts.edge.pong_timeout == 1h);
  CHECK(opts.edge.max_header == 1024);
  CHECK(opts.edge.max_message == limits::max_message);
  CHECK(opts.edge.memory_budget == 16u * 1024 * 1024);
}

TEST_CASE_METHOD(option_world, "limits can stand in a file") {
  files["/c.toml"] = "header_timeout = \"1s\"\nmax_header = 4096\n"
                     "max_body = \"2KiB\"\nmax_requests = 5\n"
                     "memory_budget = \"auto\"\ncompression = \"on\"\n"
                     "access_log = true\nno_sandbox = true\n"
                     "jwt_key = [\":EdDSA:/k.pem\"]\n";
  const auto opts = good({"--config", "/c.toml"});
  CHECK(opts.edge.header_timeout == 1s);
  CHECK(opts.edge.max_header == 4096);
  CHECK(opts.edge.max_body == 2048);
  CHECK(opts.edge.max_requests == 5);
  CHECK(opts.edge.memory_budget == 0);
  CHECK(opts.compression);
  CHECK(opts.access_log);
  CHECK_FALSE(opts.sandbox);
  CHECK(opts.jwt_keys == std::vector<jwt_key_option>{{"", "EdDSA", "/k.pem"}});
}

TEST_CASE_METHOD(option_world, "limits of a wrong type in a file are refused") {
  const auto [text, part] = GENERATE(table<std::string, std::string>({
      {"header_timeout = 10", "header-timeout must be a string with a unit"},
      {"max_header = 1.5", "max-header must be a string such as"},
      {"max_header = -1", "max-header must be 1KiB"},
      {"max_requests = \"5\"", "max-requests must be an integer"},
      {"compression = true", "compression must be a string"},
      {"jwt_key = 5", "jwt-key must be a string or an array"},
  }));
  files["/c.toml"] = text;
  const auto refused = bad({"--config", "/c.toml"});
  CHECK(refused.code == errc::malformed);
  CHECK_THAT(refused.detail,
             Catch::StartsWith(part) && Catch::EndsWith("(file /c.toml)"));
}

TEST_CASE_METHOD(option_world, "a peer is asked before it is given up") {
  env["OUTRIGGER_PING_INTERVAL"] = "45s";
  for (const auto* pong : {"45s", "30s"}) {
    const auto refused = bad({"--pong-timeout", pong});
    CHECK(refused.code == errc::malformed);
    CHECK_THAT(refused.detail,
               Catch::Contains("pong-timeout of " + std::string{pong} +
                               " (command line)") &&
                   Catch::Contains("ping-interval of 45s (environment "
                                   "OUTRIGGER_PING_INTERVAL)"));
  }
  CHECK(good({"--pong-timeout", "45001ms"}).edge.pong_timeout == 45001ms);
  CHECK(bad({"--ping-interval", "2m"}).code == errc::malformed);
}

TEST_CASE_METHOD(option_world, "keys of JWTs come with id, algorithm, file") {
  env["OUTRIGGER_JWT_KEY"] = "a:HS256:secret, b:ES256:/keys/b:1.pem";
  auto opts = good({});
  CHECK(opts.jwt_keys ==
        std::vector<jwt_key_option>{{"a", "HS256", "/srv/secret"},
                                    {"b", "ES256", "/keys/b:1.pem"}});
  opts = good({"--jwt-key", ":EdDSA:k", "--jwt-key", "x:EdDSA:k"});
  REQUIRE(opts.jwt_keys.size() == 2);
  CHECK(opts.jwt_keys[0].kid.empty());
  CHECK(opts.jwt_keys[1].file == "/srv/k");
}

TEST_CASE_METHOD(option_world, "a key that is none is refused, unquoted") {
  const std::string text = GENERATE(
      "c2VjcmV0", "a:b", "a:none:/f", "a:hs256:/f", "a:HS256:", "a b:HS256:/f",
      "a,b:HS256:/f", "a:HS512:/f", ":::", "\xc3\xa9:HS256:/f");
  CAPTURE(text);
  const auto refused = bad({"--jwt-key=" + text});
  CHECK(refused.code == errc::malformed);
  CHECK_THAT(refused.detail,
             Catch::StartsWith("jwt-key must be KID:ALG:FILE") &&
                 !Catch::Contains("c2VjcmV0"));
  CHECK(bad({"--jwt-key", std::string(129, 'k') + ":ES256:/f"}).code ==
        errc::malformed);
}

TEST_CASE_METHOD(option_world, "two keys of one id are refused") {
  CHECK_THAT(bad({"--jwt-key=a:HS256:/f", "--jwt-key=a:ES256:/g"}).detail,
             Catch::Contains("two keys \"a\""));
}

TEST_CASE_METHOD(option_world, "printed limits are read as the same limits") {
  const auto before =
      good({"--header-timeout=1500ms", "--ping-interval=60s",
            "--max-header=9000", "--max-body=64KiB", "--max-upload=2GiB",
            "--max-requests=3", "--memory-budget=1536MiB", "--compression=on",
            "--no-sandbox", "--jwt-key=k:ES256:k.pem"});
  const auto text = to_toml(before);
  CHECK_THAT(text,
             Catch::Contains("header_timeout = \"1500ms\" # command line") &&
                 Catch::Contains("ping_interval = \"1m\"") &&
                 Catch::Contains("max_header = \"9000B\"") &&
                 Catch::Contains("max_body = \"64KiB\"") &&
                 Catch::Contains("max_upload = \"2GiB\"") &&
                 Catch::Contains("max_requests = 3 ") &&
                 Catch::Contains("pong_timeout = \"2m\" # default"));
  files["/c.toml"] = text;
  const auto after = good({"--config", "/c.toml"});
  for (const auto& spec : option_specs()) {
    CAPTURE(spec.name);
    CHECK(spec.show(after) == spec.show(before));
  }
  CHECK(after.jwt_keys == before.jwt_keys);
  files["/c.toml"] = to_toml(good({}));
  CHECK(good({"--config", "/c.toml"}).edge.memory_budget == 0);
}

TEST_CASE_METHOD(option_world, "where files are does not depend on safety") {
  env["OUTRIGGER_LISTEN"] = ":3002";
  env["OUTRIGGER_NO_AUTH"] = "1";
  CHECK(bad({}).code == errc::forbidden);
  const auto found = locate_options({"--state-dir", "s"}, sources());
  REQUIRE(found.has_value());
  CHECK(found->state_dir == "/srv/s");
  CHECK(locate_options({"--help"}, sources()).has_error());
  CHECK(locate_options({"--nope"}, sources()).error().code == errc::malformed);
  env["OUTRIGGER_LISTEN"] = "nowhere";
  CHECK(locate_options({}, sources()).error().code == errc::malformed);
}
