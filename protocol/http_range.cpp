#include "protocol/http_range.hpp"
#include "protocol/ascii.hpp"
#include "protocol/files/file_fault.hpp"
namespace outrigger {
result<std::optional<byte_range>> choose_range(std::string_view field,
                                               std::uint64_t size) {
  if (!field.starts_with("bytes="))
    return std::optional<byte_range>{};
  field.remove_prefix(6);
  const auto dash = field.find('-');
  if (dash == std::string_view::npos ||
      field.find(',') != std::string_view::npos)
    return std::optional<byte_range>{};
  const auto a = field.substr(0, dash), b = field.substr(dash + 1);
  const auto first = ascii::parse_decimal<std::uint64_t>(a),
             last = ascii::parse_decimal<std::uint64_t>(b);
  if (a.empty()) {
    if (!last)
      return std::optional<byte_range>{};
    if (*last == 0 || size == 0)
      return error{errc::range, "range", {}, file_fault::range};
    const auto n = std::min(*last, size);
    return std::optional{byte_range{size - n, n}};
  }
  if (!first || (!b.empty() && !last) || (last && *last < *first))
    return std::optional<byte_range>{};
  if (*first >= size)
    return error{errc::range, "range", {}, file_fault::range};
  const auto end = last ? std::min(*last, size - 1) : size - 1;
  return std::optional{byte_range{*first, end - *first + 1}};
}
std::string content_range(byte_range r, std::uint64_t size) {
  return "bytes " + std::to_string(r.offset) + "-" +
         std::to_string(r.offset + r.size - 1) + "/" + std::to_string(size);
}
std::string unsatisfied_range(std::uint64_t size) {
  return "bytes */" + std::to_string(size);
}
} // namespace outrigger
