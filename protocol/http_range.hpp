// The Range field of a request for one file (RFC 9110 §14).
//
//   bytes=0-499   bytes=500-   bytes=-500

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace outrigger {

struct byte_range {
  std::uint64_t offset = 0;
  std::uint64_t size = 0; // at least 1 as a part that was chosen

  friend bool operator==(const byte_range&, const byte_range&) = default;
};

/// What part of a file of `size` bytes is to be sent. Null: all of it, because
/// there is no field (it is empty), or one that may be passed over: in another
/// unit, malformed, or of several parts. errc::range, file_fault::range: a part
/// of which the file has nothing.
[[nodiscard]] result<std::optional<byte_range>>
choose_range(std::string_view field, std::uint64_t size);

/// Content-Range of an answer with that part: "bytes 0-499/1234".
[[nodiscard]] std::string content_range(byte_range range, std::uint64_t size);

/// Content-Range of the refusal: "bytes */1234".
[[nodiscard]] std::string unsatisfied_range(std::uint64_t size);

} // namespace outrigger
