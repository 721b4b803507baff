#include "protocol/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace outrigger {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

} // namespace

sha256_digest sha256(std::string_view bytes) {
  sha256_digest out{};
  ::SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
           out.data());
  return out;
}

bool equal_digest(const sha256_digest& a, const sha256_digest& b) {
  return ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string to_hex(const sha256_digest& digest) {
  std::string out;
  out.reserve(2 * digest.size());
  for (const auto byte : digest) {
    out += hex_digits[byte >> 4];
    out += hex_digits[byte & 15];
  }
  return out;
}

std::optional<sha256_digest> digest_from_hex(std::string_view hex) {
  sha256_digest out{};
  if (hex.size() != 2 * out.size())
    return std::nullopt;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto high = hex_digits.find(hex[2 * i]);
    const auto low = hex_digits.find(hex[2 * i + 1]);
    if (high == hex_digits.npos || low == hex_digits.npos)
      return std::nullopt;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return out;
}

} // namespace outrigger
