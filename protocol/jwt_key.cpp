#include <array>
#include <utility>

#include "protocol/digest.hpp"
#include "protocol/jwt.hpp"
#include "protocol/limits.hpp"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>

namespace outrigger {

namespace {

template <auto release>
struct released_by {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};

template <class T, auto release>
using owned = std::unique_ptr<T, released_by<release>>;

using bio = owned<BIO, ::BIO_free>;
using bignum = owned<BIGNUM, ::BN_free>;
using ecdsa_signature = owned<ECDSA_SIG, ::ECDSA_SIG_free>;
using public_key = owned<EVP_PKEY, ::EVP_PKEY_free>;
using mac_method = owned<EVP_MAC, ::EVP_MAC_free>;
using mac_context = owned<EVP_MAC_CTX, ::EVP_MAC_CTX_free>;
using verify_context = owned<EVP_MD_CTX, ::EVP_MD_CTX_free>;

constexpr std::size_t hs256_size = 32;
constexpr std::size_t coordinate_size = 32; // of P-256
constexpr std::size_t es256_size = 2 * coordinate_size;
constexpr std::size_t ed25519_size = 64;

constexpr std::string_view pem_begin = "-----BEGIN ";

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// Whatever fails in its scope leaves nothing in OpenSSL's error queue, which
/// belongs to the thread and which TLS reads on the same one.
class quiet_errors {
public:
  quiet_errors() { ::ERR_set_mark(); }
  ~quiet_errors() { ::ERR_pop_to_mark(); }
  quiet_errors(const quiet_errors&) = delete;
  quiet_errors& operator=(const quiet_errors&) = delete;
};

error bad_key(std::string_view why) {
  return {errc::malformed, "JWT key: " + std::string{why}};
}

/// Of the material's digest, in a key's id: enough to tell two keys apart.
constexpr std::size_t id_digits = 16;

/// An encrypted PEM would make OpenSSL ask for its password on the terminal.
int no_password(char*, int, int, void*) {
  return -1;
}

bool is_named_p256(const EVP_PKEY* key) {
  std::array<char, 32> group{};
  int explicit_curve = 0;
  return ::EVP_PKEY_is_a(key, "EC") == 1 &&
         ::EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) ==
             1 &&
         std::string_view{group.data()} == "prime256v1" &&
         // One that spells its parameters out may differ in any of them.
         ::EVP_PKEY_get_int_param(
             key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
             &explicit_curve) == 1 &&
         explicit_curve == 0;
}

result<public_key> read_public_key(jwt_algorithm algorithm,
                                   std::string_view pem) {
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos)
    return bad_key("a private key; give the public key only");
  const auto begin = pem.find(pem_begin);
  if (begin == std::string_view::npos)
    return bad_key("not a public key in PEM");
  if (pem.find(pem_begin, begin + 1) != std::string_view::npos)
    return bad_key("more than one PEM block");
  const bio in{::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  public_key key{
      in ? ::PEM_read_bio_PUBKEY(in.get(), nullptr, no_password, nullptr)
         : nullptr};
  if (!key)
    return bad_key("not a public key in PEM");
  if (algorithm == jwt_algorithm::es256 && !is_named_p256(key.get()))
    return bad_key("ES256 takes a P-256 key");
  if (algorithm == jwt_algorithm::eddsa &&
      ::EVP_PKEY_is_a(key.get(), "ED25519") != 1)
    return bad_key("EdDSA takes an Ed25519 key");
  return key;
}

result<verify_context> prepare_verify(jwt_algorithm algorithm,
                                      std::string_view pem) {
  auto key = read_public_key(algorithm, pem);
  if (!key)
    return key.error();
  verify_context out{::EVP_MD_CTX_new()};
  const auto* digest =
      algorithm == jwt_algorithm::es256 ? "SHA256" : nullptr; // Ed25519 has its
  if (!out || ::EVP_DigestVerifyInit_ex(out.get(), nullptr, digest, nullptr,
                                        nullptr, key->get(), nullptr) != 1)
    return error{errc::internal, "JWT key: cannot be prepared"};
  return out;
}

result<mac_context> prepare_hmac(std::string_view secret) {
  if (secret.find(pem_begin) != std::string_view::npos)
    return bad_key("HS256 takes a secret, not a PEM file");
  if (secret.size() < limits::min_jwt_secret)
    return bad_key("an HS256 secret has at least " +
                   std::to_string(limits::min_jwt_secret) + " bytes");
  const mac_method method{::EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
  mac_context out{method ? ::EVP_MAC_CTX_new(method.get()) : nullptr};
  std::array<char, 7> digest{"SHA256"};
  const std::array params{::OSSL_PARAM_construct_utf8_string(
                              OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                          ::OSSL_PARAM_construct_end()};
  if (!out || ::EVP_MAC_init(out.get(), bytes_of(secret), secret.size(),
                             params.data()) != 1)
    return error{errc::internal, "JWT key: cannot be prepared"};
  return out;
}

bool verify_hmac(const mac_context& prepared, std::string_view input,
                 std::string_view signature) {
  if (signature.size() != hs256_size)
    return false;
  const mac_context mac{::EVP_MAC_CTX_dup(prepared.get())};
  std::array<unsigned char, hs256_size> expected{};
  std::size_t size = 0;
  return mac &&
         ::EVP_MAC_update(mac.get(), bytes_of(input), input.size()) == 1 &&
         ::EVP_MAC_final(mac.get(), expected.data(), &size, expected.size()) ==
             1 &&
         size == expected.size() &&
         ::CRYPTO_memcmp(expected.data(), signature.data(), size) == 0;
}

bool verify_by_key(const verify_context& prepared, std::string_view input,
                   std::string_view signature) {
  const verify_context context{::EVP_MD_CTX_new()};
  return context && ::EVP_MD_CTX_copy_ex(context.get(), prepared.get()) == 1 &&
         ::EVP_DigestVerify(context.get(), bytes_of(signature),
                            signature.size(), bytes_of(input),
                            input.size()) == 1;
}

/// R and S side by side, 64 bytes, as the DER that OpenSSL takes.
std::string to_der(std::string_view signature) {
  const auto r = signature.substr(0, coordinate_size);
  const auto s = signature.substr(coordinate_size);
  const ecdsa_signature both{::ECDSA_SIG_new()};
  bignum first{::BN_bin2bn(bytes_of(r), coordinate_size, nullptr)};
  bignum second{::BN_bin2bn(bytes_of(s), coordinate_size, nullptr)};
  if (!both || !first || !second ||
      ::ECDSA_SIG_set0(both.get(), first.get(), second.get()) != 1)
    return {};
  static_cast<void>(first.release()); // the pair's now
  static_cast<void>(second.release());
  const int size = ::i2d_ECDSA_SIG(both.get(), nullptr);
  if (size <= 0)
    return {};
  std::string out(static_cast<std::size_t>(size), '\0');
  auto* at = reinterpret_cast<unsigned char*>(out.data());
  return ::i2d_ECDSA_SIG(both.get(), &at) == size ? out : std::string{};
}

} // namespace

/// One of the two is set. Never changed after make: every verification works
/// on a copy, which is much cheaper than to look up the algorithm and to
/// schedule the key each time.
struct jwt_key::prepared {
  mac_context hmac;      // HS256
  verify_context verify; // ES256, EdDSA
};

jwt_key::jwt_key(std::string kid, std::string id, jwt_algorithm algorithm,
                 std::shared_ptr<const prepared> made)
    : kid_{std::move(kid)}, id_{std::move(id)},
      algorithm_{algorithm}, prepared_{std::move(made)} {}

result<jwt_key> jwt_key::make(std::string kid, jwt_algorithm algorithm,
                              std::string_view material) {
  if (material.size() > limits::max_jwt_key_text)
    return bad_key("over " + std::to_string(limits::max_jwt_key_text) +
                   " bytes");
  const quiet_errors quiet;
  prepared out;
  if (algorithm == jwt_algorithm::hs256) {
    auto made = prepare_hmac(material);
    if (!made)
      return made.error();
    out.hmac = std::move(*made);
  } else {
    auto made = prepare_verify(algorithm, material);
    if (!made)
      return made.error();
    out.verify = std::move(*made);
  }
  auto id = kid + ":" + to_hex(sha256(material)).substr(0, id_digits);
  return jwt_key{std::move(kid), std::move(id), algorithm,
                 std::make_shared<const prepared>(std::move(out))};
}

bool jwt_key::verify(std::string_view input, std::string_view signature) const {
  const quiet_errors quiet;
  switch (algorithm_) {
  case jwt_algorithm::hs256:
    return verify_hmac(prepared_->hmac, input, signature);
  case jwt_algorithm::es256:
    // The size before anything is built from it.
    return signature.size() == es256_size &&
           verify_by_key(prepared_->verify, input, to_der(signature));
  case jwt_algorithm::eddsa:
    return signature.size() == ed25519_size &&
           verify_by_key(prepared_->verify, input, signature);
  }
  return false;
}

} // namespace outrigger
