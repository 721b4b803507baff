#include "bench/stream_check.hpp"

#include <algorithm>

#include "bench/measure.hpp"

namespace outrigger::bench {

stream_check::stream_check(websocket_client& socket, std::uint8_t id,
                           std::string_view pattern)
    : socket_{socket}, id_{id}, pattern_{pattern} {
  socket_.on_text = [this](std::string_view text) { heard(text); };
}

bool stream_check::receive(const output_sink& sink, std::size_t max) {
  return socket_.receive(
      [&](std::uint8_t id, std::string_view bytes) {
        if (id == id_)
          check(bytes);
        sink(id, bytes);
      },
      max);
}

void stream_check::type(std::uint8_t id, std::string_view keys) {
  socket_.type(id, keys);
}

void stream_check::heard(std::string_view text) {
  if (text.find("\"id\":\"" + std::to_string(id_) + '"') ==
      std::string_view::npos)
    return;
  if (text.find("\"attached\"") != std::string_view::npos) {
    next_ = number_field(text, "offset");
  } else if (text.find("\"gap\"") != std::string_view::npos) {
    const auto from = number_field(text, "from");
    const auto to = number_field(text, "to");
    if (from != next_ || to < from)
      wrong("gap from " + std::to_string(from) + " at " +
            std::to_string(next_));
    skipped_ += to - from;
    ++gaps_;
    next_ = to;
  }
}

void stream_check::check(std::string_view bytes) {
  while (!bytes.empty()) {
    std::string_view expected = ready;
    std::uint64_t at = next_;
    if (next_ >= ready.size()) {
      expected = pattern_;
      at = (next_ - ready.size()) % pattern_.size();
    }
    expected.remove_prefix(static_cast<std::size_t>(at));
    const auto size = std::min(expected.size(), bytes.size());
    if (bytes.substr(0, size) != expected.substr(0, size))
      wrong("other bytes at " + std::to_string(next_));
    bytes.remove_prefix(size);
    next_ += size;
    checked_ += size;
  }
}

void stream_check::wrong(const std::string& what) {
  if (error_.empty())
    error_ = what;
}

} // namespace outrigger::bench
