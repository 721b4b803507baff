// Whose frame is sent next.

#include "net/outbox.hpp"

#include <catch2/catch.hpp>

namespace outrigger {
namespace {

frame make(stream_id stream, std::string head, std::size_t body = 0) {
  return {frame_kind::binary, stream, std::move(head),
          body ? std::make_shared<const std::string>(body, 'x') : nullptr};
}

/// The streams of everything that is left, in the order it is sent.
std::vector<stream_id> order(outbox& box) {
  std::vector<stream_id> streams;
  while (auto next = box.pop())
    streams.push_back(next->stream);
  return streams;
}

} // namespace

TEST_CASE("a new outbox has nothing to send") {
  outbox box;
  CHECK(box.empty());
  CHECK(box.bytes() == 0);
  CHECK_FALSE(box.pop());
}

TEST_CASE("a frame comes out as it went in") {
  outbox box;
  const auto body = std::make_shared<const std::string>("body");
  REQUIRE(box.push({frame_kind::text, 3, "head", body}));
  const auto out = box.pop();
  REQUIRE(out);
  CHECK(out->kind == frame_kind::text);
  CHECK(out->stream == 3);
  CHECK(out->head == "head");
  CHECK(out->body == body);
}

TEST_CASE("control frames go first") {
  outbox box;
  REQUIRE(box.push(make(1, "data")));
  REQUIRE(box.push(make(control_stream, "one")));
  REQUIRE(box.push(make(control_stream, "two")));
  CHECK(box.pop()->head == "one");
  CHECK(box.pop()->head == "two");
  CHECK(box.pop()->head == "data");
}

TEST_CASE("a stream keeps its order") {
  outbox box;
  for (const char* head : {"a", "b", "c"})
    REQUIRE(box.push(make(1, head)));
  CHECK(box.pop()->head == "a");
  CHECK(box.pop()->head == "b");
  CHECK(box.pop()->head == "c");
}

TEST_CASE("streams that flood take turns") {
  outbox box;
  for (int i = 0; i < 3; ++i) {
    REQUIRE(box.push(make(1, "", 1000)));
    REQUIRE(box.push(make(2, "", 1000)));
  }
  CHECK(order(box) == std::vector<stream_id>{1, 2, 1, 2, 1, 2});
}

TEST_CASE("turns are counted in bytes") {
  outbox box;
  for (int i = 0; i < 2; ++i)
    REQUIRE(box.push(make(1, "", 3000)));
  for (int i = 0; i < 4; ++i)
    REQUIRE(box.push(make(2, "", 1000)));
  CHECK(order(box) == std::vector<stream_id>{1, 2, 2, 2, 1, 2});
}

TEST_CASE("a stream that was quiet goes before one that floods") {
  outbox box;
  for (int i = 0; i < 5; ++i)
    REQUIRE(box.push(make(1, "", 60'000)));
  static_cast<void>(box.pop());
  static_cast<void>(box.pop());
  REQUIRE(box.push(make(2, "echo")));
  CHECK(box.pop()->stream == 2);
}

TEST_CASE("a stream that was quiet gains no right to catch up") {
  outbox box;
  for (int i = 0; i < 10; ++i)
    REQUIRE(box.push(make(1, "", 10'000)));
  for (int i = 0; i < 6; ++i)
    static_cast<void>(box.pop());
  for (int i = 0; i < 4; ++i)
    REQUIRE(box.push(make(2, "", 10'000)));
  // Level at first, then in turns: not four of stream 2 in a row.
  const auto left = order(box);
  REQUIRE(left.size() == 8);
  CHECK(std::count(left.begin(), left.begin() + 4, stream_id{1}) == 2);
}

TEST_CASE("a stream cannot jump the queue by falling silent at once") {
  outbox box;
  for (int i = 0; i < 4; ++i)
    REQUIRE(box.push(make(1, "", 1000)));
  int mine = 0;
  for (int i = 0; i < 4; ++i) { // pushes one frame whenever it has none
    REQUIRE(box.push(make(2, "", 1000)));
    while (true) {
      const auto out = box.pop();
      REQUIRE(out);
      if (out->stream == 2)
        break;
      ++mine;
    }
  }
  CHECK(mine >= 3);
}

TEST_CASE("bytes are what waits") {
  outbox box;
  REQUIRE(box.push(make(1, "ab", 100)));
  REQUIRE(box.push(make(control_stream, "c")));
  CHECK(box.bytes() == 103);
  static_cast<void>(box.pop());
  CHECK(box.bytes() == 102);
  static_cast<void>(box.pop());
  CHECK(box.bytes() == 0);
  CHECK(box.empty());
}

TEST_CASE("a frame that exceeds the limit is not taken") {
  outbox box;
  REQUIRE(box.push(make(1, "", outbox::limit)));
  CHECK_FALSE(box.push(make(2, "x")));
  CHECK(box.bytes() == outbox::limit);
  CHECK(box.pop()->stream == 1);
  CHECK_FALSE(box.pop());
}

TEST_CASE("there is room again when a frame has left") {
  outbox box;
  REQUIRE(box.push(make(1, "", outbox::limit)));
  static_cast<void>(box.pop());
  CHECK(box.push(make(1, "", outbox::limit)));
}

TEST_CASE("the limit leaves room for a slice of every terminal") {
  outbox box;
  for (stream_id id = 1; id <= 10; ++id)
    REQUIRE(box.push(make(id, "", 64 * 1024)));
  CHECK(box.push(make(control_stream, "", 1024 * 1024)));
}

TEST_CASE("before a close only control frames are kept") {
  outbox box;
  REQUIRE(box.push(make(1, "", 1000)));
  REQUIRE(box.push(make(control_stream, "last words")));
  REQUIRE(box.push(make(2, "", 1000)));
  box.keep_control_only();
  CHECK(box.bytes() == 10);
  CHECK(box.pop()->head == "last words");
  CHECK(box.empty());
}

TEST_CASE("without control frames nothing is kept before a close") {
  outbox box;
  REQUIRE(box.push(make(1, "", 1000)));
  box.keep_control_only();
  CHECK(box.empty());
  CHECK_FALSE(box.pop());
}

TEST_CASE("an empty frame is a frame") {
  outbox box;
  REQUIRE(box.push(make(1, "")));
  CHECK_FALSE(box.empty());
  CHECK(box.pop());
  CHECK(box.empty());
}

} // namespace outrigger
