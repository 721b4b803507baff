// What a client typed, chunk by chunk.

#include "actors/input_queue.hpp"

#include <catch2/catch.hpp>

#include "protocol/limits.hpp"

namespace outrigger {
namespace {

const std::string large(2 * limits::input_chunk + 5, 'x');

} // namespace

TEST_CASE("the first input is handed out at once, the next when it was taken") {
  input_queue queue;
  CHECK(queue.push("one", 4));
  CHECK(queue.next() == "one");
  CHECK_FALSE(queue.push("two", 4));
  CHECK(queue.taken(3) == 4);
  CHECK(queue.next() == "two");
  CHECK(queue.taken(3) == 4);
  CHECK(queue.empty());
  CHECK(queue.push("three", 6));
}

TEST_CASE("a large frame goes in chunks and is done with the last") {
  input_queue queue;
  REQUIRE(queue.push(large, large.size() + 1));
  CHECK(queue.next().size() == limits::input_chunk);
  CHECK(queue.taken(limits::input_chunk) == 0);
  CHECK(queue.next().size() == limits::input_chunk);
  CHECK(queue.taken(limits::input_chunk) == 0);
  CHECK(queue.next() == "xxxxx");
  CHECK(queue.taken(5) == large.size() + 1);
  CHECK(queue.empty());
}

TEST_CASE("small frames that wait become one chunk") {
  input_queue queue;
  REQUIRE(queue.push("a", 2));
  REQUIRE(queue.next() == "a");
  CHECK_FALSE(queue.push("b", 2));
  CHECK_FALSE(queue.push("c", 2));
  CHECK_FALSE(queue.push(std::string(limits::input_chunk, 'd'), 100));
  CHECK(queue.taken(1) == 2);
  CHECK(queue.next() == "bc");
  CHECK(queue.taken(2) == 4);
  CHECK(queue.next().size() == limits::input_chunk);
}

TEST_CASE("the rest is what was not handed out") {
  input_queue queue;
  CHECK(queue.rest().empty());
  REQUIRE(queue.push(large, 1));
  REQUIRE(queue.next().size() == limits::input_chunk);
  CHECK_FALSE(queue.push("end", 1));
  CHECK(queue.rest() == large.substr(limits::input_chunk) + "end");
  REQUIRE(queue.taken(limits::input_chunk) == 0);
  REQUIRE(queue.next().size() == limits::input_chunk);
  CHECK(queue.rest() == "xxxxxend");
}

TEST_CASE("a cleared queue tells what it held, and goes on") {
  input_queue queue;
  REQUIRE(queue.push("one", 4));
  REQUIRE(queue.next() == "one");
  REQUIRE_FALSE(queue.push("two", 5));
  CHECK(queue.clear() == 9);
  CHECK(queue.empty());
  CHECK(queue.taken(3) == 0); // of the chunk that was under way
  CHECK(queue.push("more", 5));
  CHECK(queue.next() == "more");
}

} // namespace outrigger
