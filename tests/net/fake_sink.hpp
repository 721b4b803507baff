// Where an upload goes in tests: counts and checks what comes, and says what
// the test wants.

#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "protocol/endpoint.hpp"
#include "tests/net/pattern.hpp"

namespace outrigger {

struct sink_record {
  // What the test wants.
  bool hold = false; // answers only when it says so
  std::optional<error> refusal;
  std::uint64_t refuse_at = 0; // when so much has come
  result<rest_answer> answer = rest_answer{201, R"({"stored":true})"};
  std::function<void()> on_write;

  // What has come.
  std::uint64_t bytes = 0;
  std::size_t pieces = 0;
  std::size_t largest = 0;
  bool right = true;    // the pattern, in order
  bool pressed = false; // a piece came before the last one was taken
  bool finished = false;
  bool gone = false;
  std::string text; // of what is short

  // What is held.
  std::function<void(result<void>)> taken;
  answer_function unanswered;

  /// Takes the piece that was held.
  void take() { std::exchange(taken, nullptr)(result<void>{}); }
};

class fake_sink final : public body_sink {
public:
  explicit fake_sink(std::shared_ptr<sink_record> record)
      : record_{std::move(record)} {}
  ~fake_sink() override {
    record_->gone = true;
    record_->taken = nullptr;
    record_->unanswered = nullptr;
  }

  void write(std::string piece,
             std::function<void(result<void>)> taken) override {
    auto& r = *record_;
    r.pressed = r.pressed || r.taken;
    r.right = r.right && is_pattern(r.bytes, piece);
    r.bytes += piece.size();
    ++r.pieces;
    r.largest = std::max(r.largest, piece.size());
    if (r.text.size() < 1024)
      r.text += piece;
    if (r.on_write)
      r.on_write();
    if (r.refusal && r.bytes >= r.refuse_at)
      return taken(*r.refusal);
    if (r.hold)
      r.taken = std::move(taken);
    else
      taken(result<void>{});
  }

  void finish(answer_function answer) override {
    record_->finished = true;
    if (record_->hold)
      record_->unanswered = std::move(answer);
    else
      answer(record_->answer);
  }

private:
  std::shared_ptr<sink_record> record_;
};

[[nodiscard]] inline std::shared_ptr<body_sink>
make_sink(std::shared_ptr<sink_record> record) {
  return std::make_shared<fake_sink>(std::move(record));
}

} // namespace outrigger
