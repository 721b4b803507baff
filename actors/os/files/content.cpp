#include "actors/os/files/content.hpp"

#include "actors/os/files/mime_endings.hpp"

#include <magic.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace outrigger::os {

namespace {

// -- digests ------------------------------------------------------------------

constexpr std::size_t piece = 256 * 1024; // between two looks at `stop`

struct free_digest {
  void operator()(EVP_MD_CTX* context) const noexcept {
    ::EVP_MD_CTX_free(context);
  }
};

const EVP_MD* algorithm_of(digest_kind kind) {
  switch (kind) {
  case digest_kind::sha256:
    return ::EVP_sha256();
  case digest_kind::sha1:
    return ::EVP_sha1();
  case digest_kind::md5:
    break;
  }
  return ::EVP_md5();
}

std::string to_hex(const unsigned char* bytes, std::size_t size) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * size);
  for (std::size_t i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

// -- types --------------------------------------------------------------------

/// What libmagic is shown; its tests look at no more of a text.
constexpr std::size_t magic_window = 64 * 1024;

/// Named, so that neither $MAGIC nor a ~/.magic in the workspace has a say: not
/// even where this one is missing.
constexpr const char* database = "/usr/share/misc/magic";

struct close_magic {
  void operator()(magic_t cookie) const noexcept { ::magic_close(cookie); }
};
using magic_ptr = std::unique_ptr<std::remove_pointer_t<magic_t>, close_magic>;

/// Null when there is no database.
magic_ptr load_magic() {
  magic_ptr cookie{::magic_open(MAGIC_MIME | MAGIC_NO_CHECK_COMPRESS)};
  if (cookie && ::magic_load(cookie.get(), database) != 0)
    cookie.reset();
  return cookie;
}

struct mime {
  std::string type;
  std::string charset; // "binary" when it is no text
};

/// A cookie serves one thread; the database behind it is mapped, and shared.
mime ask_magic(std::string_view start) {
  thread_local const magic_ptr cookie = load_magic();
  const char* answer = nullptr;
  if (cookie)
    answer = ::magic_buffer(cookie.get(), start.data(), start.size());
  const std::string_view said = answer != nullptr ? answer : "";
  constexpr std::string_view separator = "; charset=";
  const auto at = said.find(separator);
  if (at == std::string_view::npos)
    return is_binary(start) ? mime{"application/octet-stream", "binary"}
                            : mime{"text/plain", "utf-8"};
  return {std::string{said.substr(0, at)},
          std::string{said.substr(at + separator.size())}};
}

/// How long the UTF-8 sequence is that begins with this byte; 0: none does.
std::size_t sequence_size(unsigned char first) {
  if (first < 0x80)
    return 1;
  if (first < 0xc2)
    return 0;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

/// Text in UTF-8 of which the end may be cut off, and without NUL.
bool is_utf8(std::string_view start) {
  for (std::size_t at = 0; at < start.size();) {
    const auto size = sequence_size(static_cast<unsigned char>(start[at]));
    if (size == 0 || start[at] == '\0')
      return false;
    for (std::size_t i = 1; i < size && at + i < start.size(); ++i)
      if ((static_cast<unsigned char>(start[at + i]) & 0xc0) != 0x80)
        return false;
    at += size;
  }
  return true;
}

/// Only of text/…: the others say it themselves, as JSON and XML do. What
/// libmagic only guesses at is left to the reader.
std::string with_charset(std::string type, std::string_view charset) {
  constexpr std::array<std::string_view, 4> known = {"utf-8", "utf-16le",
                                                     "utf-16be", "iso-8859-1"};
  if (charset == "us-ascii")
    charset = "utf-8";
  if (type.starts_with("text/") &&
      std::find(known.begin(), known.end(), charset) != known.end())
    (type += "; charset=") += charset;
  return type;
}

} // namespace

result<std::string> digest_of(int fd, digest_kind kind, std::stop_token stop) {
  const std::unique_ptr<EVP_MD_CTX, free_digest> context{::EVP_MD_CTX_new()};
  if (!context ||
      ::EVP_DigestInit_ex(context.get(), algorithm_of(kind), nullptr) != 1)
    return os_error(EOPNOTSUPP); // as where MD5 is switched off
  std::vector<char> buffer(piece);
  for (off_t offset = 0;;) {
    if (stop.stop_requested())
      return os_error(ECANCELED);
    const ssize_t got = ::pread(fd, buffer.data(), buffer.size(), offset);
    if (got == 0)
      break;
    if (got < 0 && errno != EINTR)
      return os_error();
    if (got > 0 && ::EVP_DigestUpdate(context.get(), buffer.data(),
                                      static_cast<std::size_t>(got)) != 1)
      return os_error(EIO);
    offset += std::max<ssize_t>(got, 0);
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (::EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1)
    return os_error(EIO);
  return to_hex(digest.data(), size);
}

bool is_binary(std::string_view start) {
  return start.substr(0, binary_window).find('\0') != std::string_view::npos;
}

std::string mime_type_of(std::string_view name, std::string_view start) {
  name = name.substr(name.rfind('/') + 1);
  start = start.substr(0, magic_window);
  const auto by_name = text_type_of(name);
  if (!by_name.empty() && is_utf8(start))
    return with_charset(std::string{by_name}, "utf-8");
  // To libmagic these are no text.
  if (start.empty() || (start.size() == 1 && is_utf8(start)))
    return with_charset("text/plain", "utf-8");
  auto found = ask_magic(start);
  if (found.charset != "binary")
    return with_charset(by_name.empty() ? std::move(found.type)
                                        : std::string{by_name},
                        found.charset);
  // A format without a mark: libmagic sees it in whatever begins with zeros.
  if (found.type == "image/x-tga")
    found.type = "application/octet-stream";
  if (found.type == "application/octet-stream" ||
      found.type == "application/zip")
    if (const auto other = binary_type_of(name); !other.empty())
      return std::string{other};
  return found.type;
}

} // namespace outrigger::os
