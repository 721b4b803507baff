#include "tests/support/recording_sink.hpp"

#include <utility>

namespace outrigger {
namespace {

std::string payload(const frame& out) {
  return out.head + (out.body ? *out.body : "");
}

} // namespace

void recording_sink::send(frame out) {
  sent.push_back(std::move(out));
}

void recording_sink::close(close_code code, std::string_view why) {
  if (closed)
    return;
  closed = code;
  reason = why;
}

bool recording_sink::take() {
  if (taken_ == sent.size())
    return false;
  const auto& next = sent[taken_++];
  const auto stream = next.stream;
  if (is_told(next) && on_taken)
    on_taken(stream);
  return true;
}

void recording_sink::take_all(const std::function<void()>& after_each) {
  after_each();
  while (take())
    after_each();
}

std::string recording_sink::output(std::uint8_t id) const {
  std::string all;
  for (const auto& out : sent)
    if (out.kind == frame_kind::binary && out.stream == id)
      all += payload(out).substr(1);
  return all;
}

std::vector<std::size_t> recording_sink::slices(std::uint8_t id) const {
  std::vector<std::size_t> sizes;
  for (const auto& out : sent)
    if (out.kind == frame_kind::binary && out.stream == id)
      sizes.push_back(out.size() - 1);
  return sizes;
}

std::vector<std::string> recording_sink::texts() const {
  std::vector<std::string> all;
  for (const auto& out : sent)
    if (out.kind == frame_kind::text)
      all.push_back(payload(out));
  return all;
}

std::vector<std::string> recording_sink::transcript() const {
  std::vector<std::string> all;
  for (const auto& out : sent) {
    auto bytes = payload(out);
    if (out.kind == frame_kind::binary && !bytes.empty())
      bytes = std::to_string(static_cast<unsigned char>(bytes.front())) + ":" +
              bytes.substr(1);
    all.push_back(std::move(bytes));
  }
  return all;
}

} // namespace outrigger
