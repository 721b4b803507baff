#include "tests/support/jwt_signer.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include "protocol/base64.hpp"

namespace outrigger::test {

namespace {

void require(bool holds) {
  if (!holds)
    throw std::runtime_error{"OpenSSL failed in a test's signer"};
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

EVP_PKEY* make_curve_key(const char* curve, bool explicit_curve) {
  std::string group{curve};
  std::string encoding{explicit_curve ? OSSL_PKEY_EC_ENCODING_EXPLICIT
                                      : OSSL_PKEY_EC_ENCODING_GROUP};
  const std::array params{OSSL_PARAM_construct_utf8_string(
                              OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
                          OSSL_PARAM_construct_utf8_string(
                              OSSL_PKEY_PARAM_EC_ENCODING, encoding.data(), 0),
                          OSSL_PARAM_construct_end()};
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context{
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr), EVP_PKEY_CTX_free};
  EVP_PKEY* out = nullptr;
  require(context && EVP_PKEY_keygen_init(context.get()) == 1 &&
          EVP_PKEY_CTX_set_params(context.get(), params.data()) == 1 &&
          EVP_PKEY_generate(context.get(), &out) == 1);
  return out;
}

EVP_PKEY* make_key(key_kind kind) {
  switch (kind) {
  case key_kind::p256:
    return make_curve_key("P-256", false);
  case key_kind::p256_explicit:
    return make_curve_key("P-256", true);
  case key_kind::p384:
    return make_curve_key("P-384", false);
  case key_kind::k256:
    return make_curve_key("secp256k1", false);
  case key_kind::ed25519:
    return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  case key_kind::ed448:
    return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448");
  case key_kind::rsa:
    return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048});
  }
  return nullptr;
}

template <class Write>
std::string pem_by(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out{BIO_new(BIO_s_mem()),
                                                      BIO_free};
  require(out && write(out.get()) == 1);
  const char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

/// R and S of 32 bytes each out of a DER signature.
std::string from_der(std::string_view der) {
  const auto* at = bytes_of(der);
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> both{
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())),
      ECDSA_SIG_free};
  require(both != nullptr);
  std::string out(64, '\0');
  require(BN_bn2binpad(ECDSA_SIG_get0_r(both.get()), bytes_of(out), 32) == 32 &&
          BN_bn2binpad(ECDSA_SIG_get0_s(both.get()), bytes_of(out) + 32, 32) ==
              32);
  return out;
}

std::string_view name_of(jwt_algorithm algorithm) {
  switch (algorithm) {
  case jwt_algorithm::hs256:
    return "HS256";
  case jwt_algorithm::es256:
    return "ES256";
  case jwt_algorithm::eddsa:
    return "EdDSA";
  }
  return {};
}

} // namespace

std::string to_base64url(std::string_view bytes) {
  auto out = to_base64(bytes);
  out.erase(std::find(out.begin(), out.end(), '='), out.end());
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

key_pair::key_pair(key_kind kind)
    : kind_{kind}, key_{make_key(kind), EVP_PKEY_free} {
  require(key_ != nullptr);
}

std::string key_pair::public_pem() const {
  return pem_by(
      [this](BIO* out) { return PEM_write_bio_PUBKEY(out, key_.get()); });
}

std::string key_pair::private_pem() const {
  return pem_by([this](BIO* out) {
    return PEM_write_bio_PKCS8PrivateKey(out, key_.get(), nullptr, nullptr, 0,
                                         nullptr, nullptr);
  });
}

std::string key_pair::sign_plain(std::string_view input) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{
      EVP_MD_CTX_new(), EVP_MD_CTX_free};
  const bool own_digest =
      kind_ == key_kind::ed25519 || kind_ == key_kind::ed448;
  std::size_t size = 0;
  require(context &&
          EVP_DigestSignInit_ex(context.get(), nullptr,
                                own_digest ? nullptr : "SHA256", nullptr,
                                nullptr, key_.get(), nullptr) == 1 &&
          EVP_DigestSign(context.get(), nullptr, &size, bytes_of(input),
                         input.size()) == 1);
  std::string out(size, '\0');
  require(EVP_DigestSign(context.get(), bytes_of(out), &size, bytes_of(input),
                         input.size()) == 1);
  out.resize(size);
  return out;
}

std::string key_pair::sign(std::string_view input) const {
  const auto plain = sign_plain(input);
  return kind_ == key_kind::p256 ? from_der(plain) : plain;
}

std::string hmac_sha256(std::string_view secret, std::string_view input) {
  std::string out(32, '\0');
  unsigned int size = 0;
  require(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
               bytes_of(input), input.size(), bytes_of(out), &size) != nullptr);
  return out;
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  require(RAND_bytes(bytes_of(out), static_cast<int>(count)) == 1);
  return out;
}

jwt_signer::jwt_signer(jwt_algorithm algorithm, std::string kid)
    : algorithm_{algorithm}, kid_{std::move(kid)} {
  if (algorithm == jwt_algorithm::hs256) {
    material_ = random_bytes(32);
    return;
  }
  pair_ = std::make_shared<key_pair>(
      algorithm == jwt_algorithm::es256 ? key_kind::p256 : key_kind::ed25519);
  material_ = pair_->public_pem();
}

jwt_signer::jwt_signer(std::string secret, std::string kid)
    : algorithm_{jwt_algorithm::hs256}, kid_{std::move(kid)},
      material_{std::move(secret)} {}

jwt_key jwt_signer::key() const {
  auto made = jwt_key::make(kid_, algorithm_, material_);
  if (!made)
    throw std::runtime_error{made.error().detail};
  return std::move(*made);
}

std::string jwt_signer::header() const {
  std::string out = R"({"alg":")";
  out.append(name_of(algorithm_)).append(R"(","typ":"JWT")");
  if (!kid_.empty())
    out.append(R"(,"kid":")").append(kid_).append("\"");
  return out + "}";
}

std::string jwt_signer::signature(std::string_view input) const {
  return pair_ ? pair_->sign(input) : hmac_sha256(material_, input);
}

std::string jwt_signer::token(std::string_view header,
                              std::string_view claims) const {
  const auto input = to_base64url(header) + '.' + to_base64url(claims);
  return input + '.' + to_base64url(signature(input));
}

} // namespace outrigger::test
