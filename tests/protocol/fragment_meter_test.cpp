// How many frames the messages of a WebSocket come in.

#include "protocol/fragment_meter.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace outrigger {
namespace {

constexpr unsigned text = 1;
constexpr unsigned binary = 2;
constexpr unsigned more = 0; // a continuation
constexpr unsigned close_op = 8;
constexpr unsigned ping = 9;
constexpr unsigned pong = 10;

/// How a length is written, which need not be the shortest way.
enum class length_form { shortest, two_bytes, eight_bytes };

struct frame_form {
  bool masked = true;
  length_form length = length_form::shortest;
};

/// The bytes of one frame, with a payload that looks like frame headers.
std::string frame(unsigned opcode, bool final, std::size_t size,
                  frame_form form = {}) {
  std::string out(1, static_cast<char>(opcode | (final ? 0x80u : 0u)));
  const auto put = [&](std::size_t value, int count) {
    for (int shift = 8 * (count - 1); shift >= 0; shift -= 8)
      out += static_cast<char>(value >> shift & 0xff);
  };
  const std::size_t mask = form.masked ? 0x80 : 0;
  if (form.length == length_form::shortest && size < 126) {
    put(mask | size, 1);
  } else if (form.length != length_form::eight_bytes && size < 65536) {
    put(mask | 126, 1);
    put(size, 2);
  } else {
    put(mask | 127, 1);
    put(size, 8);
  }
  if (form.masked)
    out += std::string{"\x00\x80\x01\x82", 4};
  for (std::size_t i = 0; i < size; ++i)
    out += i % 2 == 0 ? '\0' : '\x01';
  return out;
}

/// A message of so many frames.
std::string message(std::size_t frames, std::size_t size = 1,
                    frame_form form = {}) {
  std::string out;
  for (std::size_t i = 0; i < frames; ++i)
    out += frame(i == 0 ? binary : more, i + 1 == frames, size, form);
  return out;
}

/// The most frames of a message in `bytes`, read in pieces of `step`.
std::size_t most_of(std::string_view bytes,
                    std::size_t step = std::string::npos) {
  fragment_meter meter;
  while (!bytes.empty()) {
    meter.feed(bytes.substr(0, step));
    bytes.remove_prefix(std::min(step, bytes.size()));
  }
  return meter.most();
}

} // namespace

TEST_CASE("a connection that said nothing has no fragments") {
  fragment_meter meter;
  CHECK(meter.most() == 0);
  meter.feed("");
  CHECK(meter.most() == 0);
}

TEST_CASE("a message in one frame counts one") {
  CHECK(most_of(frame(text, true, 5)) == 1);
  CHECK(most_of(frame(binary, true, 0)) == 1);
}

TEST_CASE("the frames of one message are added up") {
  CHECK(most_of(message(2)) == 2);
  CHECK(most_of(message(100)) == 100);
  CHECK(most_of(message(5000)) == 5000);
}

TEST_CASE("frames without a payload count like any other") {
  CHECK(most_of(message(1000, 0)) == 1000);
}

TEST_CASE("the message with most frames counts, not the last one") {
  CHECK(most_of(message(3) + message(7) + message(2)) == 7);
  CHECK(most_of(message(1) + message(1) + message(1)) == 1);
}

TEST_CASE("an unfinished message counts as far as it is") {
  fragment_meter meter;
  meter.feed(frame(text, false, 3));
  meter.feed(frame(more, false, 3));
  CHECK(meter.most() == 2);
  meter.feed(frame(more, false, 3));
  CHECK(meter.most() == 3);
}

TEST_CASE("a frame counts once its header is there, before its payload") {
  const auto whole = frame(binary, true, 70'000);
  const std::size_t header = 1 + 1 + 8 + 4;
  fragment_meter meter;
  meter.feed(std::string_view{whole}.substr(0, header - 1));
  CHECK(meter.most() == 0);
  meter.feed(std::string_view{whole}.substr(header - 1, 1));
  CHECK(meter.most() == 1);
}

TEST_CASE("control frames are no part of a message") {
  const auto op = GENERATE(ping, pong, close_op);
  CHECK(most_of(frame(op, true, 4)) == 0);
  CHECK(most_of(frame(text, false, 3) + frame(op, true, 0) +
                frame(more, false, 3) + frame(op, true, 125) +
                frame(more, true, 3)) == 3);
}

TEST_CASE("every way to write a length is understood") {
  const bool masked = GENERATE(false, true);
  const auto length = GENERATE(length_form::shortest, length_form::two_bytes,
                               length_form::eight_bytes);
  const auto size = GENERATE(0u, 1u, 125u, 126u, 127u, 128u, 255u, 256u, 65535u,
                             65536u, 70'000u);
  CAPTURE(masked, static_cast<int>(length), size);
  const frame_form form{masked, length};
  CHECK(most_of(message(3, size, form)) == 3);
  CHECK(most_of(message(3, size, form), 4096) == 3);
}

TEST_CASE("it does not matter where the bytes are cut") {
  const bool masked = GENERATE(false, true);
  const auto form = [masked](length_form length) {
    return frame_form{masked, length};
  };
  const auto bytes = message(2, 3, form(length_form::shortest)) +
                     frame(ping, true, 7, form(length_form::shortest)) +
                     frame(text, false, 200, form(length_form::two_bytes)) +
                     frame(pong, true, 0, form(length_form::shortest)) +
                     frame(more, false, 5, form(length_form::eight_bytes)) +
                     frame(more, false, 0, form(length_form::two_bytes)) +
                     frame(more, true, 1, form(length_form::shortest)) +
                     message(3, 126, form(length_form::shortest));
  REQUIRE(most_of(bytes) == 4);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    CAPTURE(cut);
    fragment_meter meter;
    meter.feed(std::string_view{bytes}.substr(0, cut));
    meter.feed(std::string_view{bytes}.substr(cut));
    CHECK(meter.most() == 4);
  }
  for (const std::size_t step : {1u, 2u, 3u, 5u, 14u, 100u}) {
    CAPTURE(step);
    CHECK(most_of(bytes, step) == 4);
  }
}

TEST_CASE("the largest length there is ends nothing") {
  fragment_meter meter;
  meter.feed(std::string{"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                         "abcd",
                         14});
  CHECK(meter.most() == 1);
  for (int i = 0; i < 100; ++i)
    meter.feed(message(10)); // all of it payload
  CHECK(meter.most() == 1);
}

} // namespace outrigger
