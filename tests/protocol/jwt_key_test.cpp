// The keys that tokens are verified with: which material is taken.

#include "protocol/jwt.hpp"

#include <openssl/err.h>
#include <openssl/ui.h>

#include "protocol/limits.hpp"
#include "tests/protocol/jwt_fixture.hpp"

using namespace outrigger;
using outrigger::test::jwt_fixture;
using outrigger::test::key_kind;
using outrigger::test::key_pair;

namespace {

/// What is wrong with this material; "taken" when nothing is.
std::string fault(jwt_algorithm algorithm, std::string_view material) {
  const auto made = jwt_key::make("k", algorithm, material);
  if (made)
    return "taken";
  CHECK(made.error().code == errc::malformed);
  return made.error().detail;
}

constexpr auto public_key_algorithms = {jwt_algorithm::es256,
                                        jwt_algorithm::eddsa};

std::string_view key_fault_of(jwt_algorithm algorithm) {
  return algorithm == jwt_algorithm::es256
             ? "JWT key: ES256 takes a P-256 key"
             : "JWT key: EdDSA takes an Ed25519 key";
}

/// Stands in for the terminal that OpenSSL would ask for a password on.
class fake_terminal {
public:
  fake_terminal() {
    asked() = false;
    ::UI_method_set_opener(method_.get(), [](UI*) {
      asked() = true;
      return 0; // there is none
    });
    ::UI_set_default_method(method_.get());
  }
  ~fake_terminal() { ::UI_set_default_method(::UI_OpenSSL()); }
  fake_terminal(const fake_terminal&) = delete;
  fake_terminal& operator=(const fake_terminal&) = delete;

  static bool& asked() {
    static bool out = false;
    return out;
  }

private:
  std::unique_ptr<UI_METHOD, decltype(&::UI_destroy_method)> method_{
      ::UI_create_method("fake"), ::UI_destroy_method};
};

} // namespace

TEST_CASE("a key knows its kid and its algorithm, and so do its copies") {
  const test::jwt_signer signer{jwt_algorithm::eddsa, "me"};
  const auto key = signer.key();
  const auto copy = key;
  CHECK(copy.kid() == "me");
  CHECK(copy.algorithm() == jwt_algorithm::eddsa);
  CHECK(copy.verify("text", signer.signature("text")));
  CHECK(key.verify("text", signer.signature("text")));
  CHECK_FALSE(copy.verify("test", signer.signature("text")));
}

TEST_CASE("a key's id tells it from others of its name") {
  const std::string first(32, '1');
  const auto id = [](const std::string& kid, const std::string& secret) {
    return test::jwt_signer{secret, kid}.key().id();
  };
  CHECK(id("me", first) == id("me", first));
  CHECK(id("me", first).starts_with("me:"));
  CHECK(id("me", first).find("1111") == std::string::npos);
  CHECK(id("me", first) != id("me", std::string(32, '2')));
  CHECK(id("me", first) != id("you", first));
}

TEST_CASE("a secret has 32 bytes at least") {
  CHECK(fault(jwt_algorithm::hs256, std::string(32, 's')) == "taken");
  CHECK(fault(jwt_algorithm::hs256, std::string(32, '\0')) == "taken");
  CHECK(fault(jwt_algorithm::hs256, std::string(1000, 's')) == "taken");
  for (const std::size_t size : {0u, 1u, 16u, 31u})
    CHECK(fault(jwt_algorithm::hs256, std::string(size, 's')) ==
          "JWT key: an HS256 secret has at least 32 bytes");
}

TEST_CASE("HS256 agrees with the example of RFC 7515") {
  // Appendix A.1: the key and the token there.
  const std::string secret{
      "\x03\x23\x35\x4b\x2b\x0f\xa5\xbc\x83\x7e\x06\x65\x77\x7b\xa6\x8f"
      "\x5a\xb3\x28\xe6\xf0\x54\xc9\x28\xa9\x0f\x84\xb2\xd2\x50\x2e\xbf"
      "\xd3\xfb\x5a\x92\xd2\x06\x47\xef\x96\x8a\xb4\xc3\x77\x62\x3d\x22"
      "\x3d\x2e\x21\x72\x05\x2e\x4f\x08\xc0\xcd\x9a\xf5\x67\xd0\x80\xa3",
      64};
  const auto key = jwt_key::make("", jwt_algorithm::hs256, secret);
  REQUIRE(key);
  const std::string signature{
      "\x74\x18\xdf\xb4\x97\x99\xe0\x25\x4f\xfa\x60\x7d\xd8\xad\xbb\xba"
      "\x16\xd4\x25\x4d\x69\xd6\xbf\xf0\x5b\x58\x05\x58\x53\x84\x8d\x79",
      32};
  CHECK(key->verify("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
                    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6"
                    "Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
                    signature));
}

TEST_CASE("what is public is no secret") {
  for (const auto kind : {key_kind::p256, key_kind::rsa})
    CHECK(fault(jwt_algorithm::hs256, key_pair{kind}.public_pem()) ==
          "JWT key: HS256 takes a secret, not a PEM file");
}

TEST_CASE("ES256 takes P-256 keys only") {
  CHECK(fault(jwt_algorithm::es256, key_pair{key_kind::p256}.public_pem()) ==
        "taken");
  for (const auto kind : {key_kind::p384, key_kind::k256, key_kind::ed25519,
                          key_kind::ed448, key_kind::rsa})
    CHECK(fault(jwt_algorithm::es256, key_pair{kind}.public_pem()) ==
          key_fault_of(jwt_algorithm::es256));
}

TEST_CASE("a curve that spells out its parameters is not P-256") {
  CHECK(fault(jwt_algorithm::es256,
              key_pair{key_kind::p256_explicit}.public_pem()) ==
        key_fault_of(jwt_algorithm::es256));
}

TEST_CASE("EdDSA takes Ed25519 keys only") {
  CHECK(fault(jwt_algorithm::eddsa, key_pair{key_kind::ed25519}.public_pem()) ==
        "taken");
  for (const auto kind : {key_kind::ed448, key_kind::p256, key_kind::rsa})
    CHECK(fault(jwt_algorithm::eddsa, key_pair{kind}.public_pem()) ==
          key_fault_of(jwt_algorithm::eddsa));
}

TEST_CASE("a private key is not taken, alone or beside its public one") {
  for (const auto kind : {key_kind::p256, key_kind::ed25519, key_kind::rsa}) {
    const key_pair pair{kind};
    for (const auto algorithm : public_key_algorithms)
      for (const auto& material :
           {pair.private_pem(), pair.private_pem() + pair.public_pem(),
            pair.public_pem() + pair.private_pem()})
        CHECK(fault(algorithm, material) ==
              "JWT key: a private key; give the public key only");
  }
  CHECK(fault(jwt_algorithm::hs256, key_pair{key_kind::p256}.private_pem()) ==
        "JWT key: HS256 takes a secret, not a PEM file");
}

TEST_CASE("material has one public key in PEM") {
  const auto good = key_pair{key_kind::p256}.public_pem();
  const auto algorithm = jwt_algorithm::es256;
  CHECK(fault(algorithm, "a remark\n" + good + "another\n") == "taken");
  CHECK(fault(algorithm, good + good) == "JWT key: more than one PEM block");
  for (const auto& material :
       {std::string{}, std::string{"x"}, std::string(1000, '\0'),
        good.substr(0, good.size() / 2),
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" +
            std::string{},
        std::string{
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"}})
    CHECK(fault(algorithm, material) == "JWT key: not a public key in PEM");
}

TEST_CASE("an encrypted PEM is refused without asking for its password") {
  auto pem = key_pair{key_kind::p256}.public_pem();
  pem.insert(pem.find('\n') + 1,
             "Proc-Type: 4,ENCRYPTED\n"
             "DEK-Info: AES-128-CBC,000102030405060708090A0B0C0D0E0F\n\n");
  const fake_terminal terminal;
  CHECK(fault(jwt_algorithm::es256, pem) == "JWT key: not a public key in PEM");
  CHECK_FALSE(terminal.asked());
}

TEST_CASE("a PEM cut short anywhere is refused") {
  const auto good = key_pair{key_kind::p256}.public_pem();
  // The last line break and dash are not missed.
  const auto end = good.find("-----END PUBLIC KEY-----") + 24;
  for (std::size_t size = 0; size < end; ++size) {
    CAPTURE(size);
    CHECK(fault(jwt_algorithm::es256, good.substr(0, size)) ==
          "JWT key: not a public key in PEM");
  }
}

TEST_CASE("material has a largest size") {
  const std::string huge(limits::max_jwt_key_text + 1, 's');
  for (const auto algorithm : {jwt_algorithm::hs256, jwt_algorithm::es256})
    CHECK(fault(algorithm, huge) == "JWT key: over 65536 bytes");
}

TEST_CASE_METHOD(jwt_fixture, "nothing stays in OpenSSL's error queue") {
  ERR_clear_error();
  CHECK(fault(jwt_algorithm::es256, "no key") != "taken");
  CHECK(fault(jwt_algorithm::es256,
              "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n") !=
        "taken");
  for (const auto& key : keys) {
    CHECK_FALSE(key.verify("text", std::string(64, '\xff')));
    CHECK_FALSE(key.verify("text", std::string(32, '\xff')));
  }
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE_METHOD(jwt_fixture, "what was in OpenSSL's error queue stays") {
  ERR_clear_error();
  ERR_raise(ERR_LIB_USER, 7);
  CHECK(fault(jwt_algorithm::es256, "no key") != "taken");
  for (const auto& key : keys)
    CHECK_FALSE(key.verify("text", std::string(64, '\xff')));
  CHECK(ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_USER);
  CHECK(ERR_GET_REASON(ERR_get_error()) == 7);
  CHECK(ERR_get_error() == 0);
}
