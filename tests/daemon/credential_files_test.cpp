// The files of credentials: all of them are taken, or none.
#include "credential_files.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <stdlib.h>
#include <sys/stat.h>

#include "protocol/token_issue.hpp"
#include "startup_failure.hpp"
#include "tests/support/jwt_signer.hpp"
#include "tests/support/result_text.hpp"

using namespace outrigger;

namespace {

constexpr std::int64_t now = 1'770'091'506;

/// A state directory with an owner's token.
struct state_directory {
  std::string root;
  options opts;

  state_directory() {
    char name[] = "/tmp/outrigger-test-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    root = name;
    opts.state_dir = root;
    opts.token_file = root + "/token";
    opts.workspace_id = "ws-1";
    write("token", std::string(64, 'a') + "\n");
  }
  state_directory(const state_directory&) = delete;
  state_directory& operator=(const state_directory&) = delete;
  ~state_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(root, ignored);
  }

  std::string write(const std::string& name, const std::string& content,
                    mode_t mode = 0600) const {
    const auto path = root + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    return path;
  }

  void use_key(const std::string& algorithm, const std::string& content,
               mode_t mode = 0600) {
    opts.jwt_keys = {{"k", algorithm, write("key", content, mode)}};
  }

  [[nodiscard]] auto
  load(missing_token then = missing_token::is_an_error) const {
    return load_credentials(opts, then);
  }

  /// The exit code of a failure that names the file and none of its content.
  [[nodiscard]] int refused(const std::string& file) const {
    const auto out = load();
    REQUIRE(out.has_error());
    CHECK_THAT(out.error().detail, Catch::Contains(root + "/" + file) &&
                                       !Catch::Contains("\n") &&
                                       !Catch::Contains("aaaa"));
    return exit_code_of(out.error());
  }

  /// Whether a token signed with `secret` passes.
  [[nodiscard]] bool passes(const std::string& secret) const {
    const auto loaded = load();
    REQUIRE(loaded.has_value());
    const test::jwt_signer signer{secret, "k"};
    const auto token = signer.token(R"({"aud":"ws-1","exp":)" +
                                    std::to_string(now + 60) + "}");
    return verify_jwt(token, loaded->store.keys, {loaded->store.workspace, 0},
                      now)
        .has_value();
  }
};

} // namespace

TEST_CASE_METHOD(state_directory, "all credentials come from their files") {
  token_register others;
  const auto made =
      issue_token(others, {"ci", *parse_scopes("read"), std::nullopt}, {}, now);
  others.min_issued = 7;
  write("tokens.json", to_json(others));
  const test::jwt_signer signer{jwt_algorithm::eddsa};
  use_key("EdDSA", signer.material(), 0644);
  const auto loaded = load();
  REQUIRE(loaded.has_value());
  CHECK(loaded->owner_token == std::string(64, 'a'));
  const auto& store = loaded->store;
  CHECK(store.workspace == "ws-1");
  CHECK(store.min_issued == 7);
  REQUIRE(store.tokens.size() == 2);
  CHECK(store.tokens[0].id == "owner");
  CHECK(store.tokens[0].digest == sha256(std::string(64, 'a')));
  CHECK(store.tokens[1].digest == sha256(made->text));
  REQUIRE(store.keys.size() == 1);
  CHECK(store.keys[0].kid() == "k");
}

TEST_CASE_METHOD(state_directory, "the first start makes the owner's token") {
  REQUIRE(std::filesystem::remove(opts.token_file));
  CHECK(refused("token") == exit_failed);
  CHECK_FALSE(std::filesystem::exists(opts.token_file));
  const auto made = load(missing_token::is_made);
  REQUIRE(made.has_value());
  CHECK(made->owner_token.size() == 64);
  CHECK(load()->owner_token == made->owner_token);
  CHECK(made->store.tokens.size() == 1);
}

TEST_CASE_METHOD(state_directory, "without authentication no file is read") {
  opts.auth = false;
  write("token", "weak", 0666);
  write("tokens.json", "{", 0666);
  const auto loaded = load();
  REQUIRE(loaded.has_value());
  CHECK(loaded->store.tokens.empty());
  CHECK(loaded->owner_token.empty());
}

TEST_CASE_METHOD(state_directory, "what others can read is unsafe") {
  write("token", std::string(64, 'a'), 0644);
  CHECK(refused("token") == exit_unsafe);
  write("token", std::string(31, 'a'));
  CHECK(refused("token") == exit_unsafe);
  write("token", std::string(64, 'a'));
  write("tokens.json", to_json(token_register{}), 0640);
  CHECK(refused("tokens.json") == exit_unsafe);
  write("tokens.json", to_json(token_register{}));
  use_key("HS256", std::string(32, 'a'), 0640);
  CHECK(refused("key") == exit_unsafe);
  use_key("ES256", "aaaa", 0666);
  CHECK(refused("key") == exit_unsafe);
}

TEST_CASE_METHOD(state_directory, "a token that reads as a ticket is none") {
  write("token", "tkt_" + std::string(60, 'a') + "\n");
  CHECK(refused("token") == exit_unsafe);
}

TEST_CASE_METHOD(state_directory, "a damaged register is no register") {
  for (const auto* text : {"", "{", "[]", R"({"version":2,"tokens":[]})",
                           R"({"version":1,"tokens":[{"id":"aaaa"}]})"}) {
    write("tokens.json", text);
    CHECK(refused("tokens.json") == exit_failed);
  }
  REQUIRE(std::filesystem::remove(root + "/tokens.json"));
  CHECK(load().has_value());
}

TEST_CASE_METHOD(state_directory, "keys that are none are bad options") {
  use_key("ES256", "aaaa", 0644);
  CHECK(refused("key") == exit_bad_options);
  use_key("EdDSA", test::key_pair{test::key_kind::p256}.public_pem(), 0644);
  CHECK(refused("key") == exit_bad_options);
  opts.jwt_keys[0].file = root + "/none";
  CHECK(refused("none") == exit_bad_options);
}

TEST_CASE_METHOD(state_directory, "a weak or a public secret is unsafe") {
  use_key("HS256", std::string(31, 'a') + "\n");
  CHECK(refused("key") == exit_unsafe);
  use_key("HS256", test::key_pair{test::key_kind::ed25519}.public_pem());
  CHECK(refused("key") == exit_unsafe);
}

TEST_CASE_METHOD(state_directory, "a secret's line break is not part of it") {
  const std::string text(40, 's');
  for (const auto* end : {"", "\n", "\r\n"}) {
    use_key("HS256", text + end);
    CHECK(passes(text));
  }
  // Of bytes, and of more than one line, every one counts.
  for (const auto& bytes : {std::string(40, '\x01') + "\n", text + "\n\n",
                            text + "\n" + text + "\n"}) {
    use_key("HS256", bytes);
    CHECK(passes(bytes));
    CHECK_FALSE(passes(bytes.substr(0, bytes.size() - 1)));
  }
}
