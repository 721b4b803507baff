// The ring, both ends in one process.
#include "actors/os/error.hpp"
#include "actors/os/ring.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace outrigger::os {

namespace {

constexpr std::size_t capacity = 8192;

// Both ends of one ring and their eventfds.
struct ring_pair {
  unique_fd ready{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  unique_fd credit{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  ring_writer writer = ring_writer::create(capacity, ready.get()).value();
  ring reader = ring::attach(writer.memfd(), credit.get()).value();

  // Writes all of it, as far as credit allows; returns how much.
  std::size_t write(std::string_view bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const auto room = writer.reserve(bytes.size() - done);
      if (room.empty())
        break;
      std::memcpy(room.data(), bytes.data() + done, room.size());
      writer.publish(room.size());
      done += room.size();
    }
    return done;
  }

  ring_slice read(std::uint64_t from, std::string& out) const {
    out.resize(capacity);
    const auto slice = reader.read(from, out);
    out.resize(slice.size);
    return slice;
  }
};

bool take_event(const unique_fd& fd) {
  std::uint64_t count = 0;
  return ::read(fd.get(), &count, sizeof count) == sizeof count;
}

// The byte that belongs at an offset: a wrong or stale one shows.
char pattern(std::uint64_t offset) {
  return static_cast<char>((offset * 2654435761u) >> 13);
}

std::string pattern(std::uint64_t from, std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    text[i] = pattern(from + i);
  return text;
}

// Fills what the writer reserved.
void write_pattern(ring_writer& writer, std::span<char> room) {
  const auto from = writer.head();
  for (std::size_t i = 0; i < room.size(); ++i)
    room[i] = pattern(from + i);
  writer.publish(room.size());
}

std::uint64_t wrong_bytes(std::string_view got, const ring_slice& slice) {
  std::uint64_t wrong = 0;
  for (std::size_t i = 0; i < slice.size; ++i)
    wrong += got[i] != pattern(slice.offset + i) ? 1 : 0;
  return wrong;
}

} // namespace

TEST_CASE("a ring gives back what was written, by offset") {
  ring_pair pair;
  CHECK(pair.write("hello world") == 11);
  std::string got;
  CHECK(pair.read(0, got) == ring_slice{0, 11});
  CHECK(got == "hello world");
  CHECK(pair.read(6, got) == ring_slice{6, 5});
  CHECK(got == "world");
  CHECK(pair.read(11, got) == ring_slice{11, 0});
  CHECK(pair.read(99, got) == ring_slice{99, 0});
}

TEST_CASE("a ring that wrapped has its last capacity bytes, in one slice") {
  ring_pair pair;
  pair.write(pattern(0, 20'000));
  CHECK(pair.reader.head() == 20'000);
  CHECK(pair.reader.tail() == 20'000 - capacity);
  std::string got;
  CHECK(pair.read(0, got) == ring_slice{20'000 - capacity, capacity});
  CHECK(got == pattern(20'000 - capacity, capacity));
}

TEST_CASE("a writer that ignores credit does so whatever a reader sets") {
  ring_pair pair;
  pair.reader.set_credit(3);
  CHECK(pair.write("hello") == 3);
  pair.writer.ignore_credit();
  CHECK(pair.write("hello") == 5);
  pair.reader.set_credit(4);
  CHECK(pair.write("hello") == 5);
}

TEST_CASE("bytes overwritten during a copy are never returned") {
  ring_pair pair;
  constexpr std::uint64_t total = std::uint64_t{64} << 20;
  std::thread writer([&] {
    while (pair.writer.head() < total)
      write_pattern(pair.writer, pair.writer.reserve(1500));
  });
  std::string got;
  std::uint64_t next = 0;
  std::uint64_t wrong = 0;
  std::uint64_t backwards = 0;
  while (next < total) {
    const auto slice = pair.read(next, got);
    backwards += slice.offset < next ? 1 : 0;
    wrong += wrong_bytes(got, slice);
    next = slice.offset + slice.size;
  }
  writer.join();
  CHECK(wrong == 0);
  CHECK(backwards == 0);
}

TEST_CASE("a writer stops exactly at the credit and resumes at more") {
  ring_pair pair;
  pair.reader.set_credit(5);
  CHECK(pair.write("0123456789") == 5);
  CHECK(pair.reader.head() == 5);
  CHECK(pair.writer.reserve(1).empty());
  CHECK_FALSE(take_event(pair.credit));
  CHECK(pair.reader.set_credit(7)); // it had stalled: woken
  CHECK(take_event(pair.credit));
  CHECK(pair.write("5678") == 2);
  pair.reader.set_credit(free_running);
  CHECK_FALSE(pair.writer.reserve(100).empty());
}

TEST_CASE("a credit below the head stops the writer") {
  ring_pair pair;
  pair.write("0123456789");
  pair.reader.set_credit(3);
  CHECK(pair.writer.reserve(1).empty());
  CHECK(pair.reader.tail() == 0);
}

TEST_CASE("run_free forgets the credit") {
  ring_pair pair;
  pair.reader.set_credit(0);
  CHECK(pair.writer.reserve(1).empty());
  pair.writer.run_free();
  CHECK(pair.reader.credit() == free_running);
  CHECK_FALSE(pair.writer.reserve(1).empty());
}

TEST_CASE("with credit at cursor + capacity no byte is ever lost") {
  ring_pair pair;
  constexpr std::uint64_t total = std::uint64_t{32} << 20;
  pair.reader.set_credit(capacity);
  std::thread writer([&] {
    while (pair.writer.head() < total) {
      const auto room = pair.writer.reserve(3000);
      if (room.empty()) {
        pollfd entry{pair.credit.get(), POLLIN, 0};
        ::poll(&entry, 1, 10'000);
        take_event(pair.credit);
        continue;
      }
      write_pattern(pair.writer, room);
    }
  });
  std::string got;
  std::uint64_t next = 0;
  std::uint64_t faults = 0;
  while (next < total) {
    const auto slice = pair.read(next, got);
    faults += slice.offset != next ? 1 : 0;
    faults += wrong_bytes(got, slice);
    next = slice.offset + slice.size;
    pair.reader.set_credit(next + capacity);
  }
  writer.join();
  CHECK(faults == 0);
}

TEST_CASE("taking credit back from a running writer spares what tail shows") {
  ring_pair pair;
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop)
      write_pattern(pair.writer, pair.writer.reserve(2048));
  });
  std::uint64_t faults = 0;
  std::string got;
  for (int round = 0; round < 1000; ++round) {
    const auto cursor = pair.reader.head();
    pair.reader.set_credit(cursor + capacity);
    const auto from = std::max(cursor, pair.reader.tail());
    std::this_thread::yield();
    const auto slice = pair.read(from, got);
    faults += slice.offset != from ? 1 : 0;
    faults += wrong_bytes(got, slice);
    pair.reader.set_credit(free_running);
  }
  stop = true;
  writer.join();
  CHECK(faults == 0);
}

TEST_CASE("the reader is woken once per arm") {
  ring_pair pair;
  pair.write("a");
  CHECK(take_event(pair.ready));
  pair.write("b");
  CHECK_FALSE(take_event(pair.ready));
  CHECK(pair.reader.arm(1)); // "b" came meanwhile: no need to wait
  CHECK_FALSE(pair.reader.arm(2));
  pair.write("c");
  CHECK(take_event(pair.ready));
}

TEST_CASE("no publication is missed between arm and wait") {
  ring_pair pair;
  constexpr std::uint64_t total = 200'000;
  std::thread writer([&] {
    for (std::uint64_t i = 0; i < total; ++i) {
      const auto room = pair.writer.reserve(1);
      room[0] = 'x';
      pair.writer.publish(1);
    }
  });
  std::uint64_t seen = 0;
  bool stuck = false;
  while (seen < total && !stuck) {
    seen = pair.reader.head();
    if (seen < total && !pair.reader.arm(seen)) {
      pollfd entry{pair.ready.get(), POLLIN, 0};
      stuck = ::poll(&entry, 1, 10'000) != 1;
      take_event(pair.ready);
    }
  }
  writer.join();
  CHECK_FALSE(stuck);
}

TEST_CASE("the exit record always wakes the reader, and keeps") {
  ring_pair pair;
  pair.write("bye");
  CHECK(take_event(pair.ready));
  CHECK_FALSE(pair.reader.exited());
  pair.writer.set_exited({true, 9, 0, 1234});
  CHECK(take_event(pair.ready)); // although it was not armed
  pair.writer.set_exited({false, 0, 0, 0});
  CHECK(pair.reader.exited() == exit_status{true, 9, 3, 1234});
  CHECK(pair.reader.arm(3));
  CHECK_FALSE(pair.reader.arm(3, true));
}

TEST_CASE("a capacity out of bounds is refused") {
  CHECK_FALSE(ring_writer::create(0, -1).has_value());
  CHECK_FALSE(ring_writer::create(min_ring_capacity - 1, -1).has_value());
  CHECK_FALSE(ring_writer::create(max_ring_capacity + 1, -1).has_value());
  CHECK(ring_writer::create(5000, -1)->capacity() == 8192);
}

TEST_CASE("what is not a ring is refused") {
  const unique_fd file(::open("/dev/null", O_RDWR | O_CLOEXEC));
  CHECK_FALSE(ring::attach(file.get(), -1).has_value());
  CHECK_FALSE(ring::attach(-1, -1).has_value());
  const unique_fd memfd(::memfd_create("t", MFD_ALLOW_SEALING | MFD_CLOEXEC));
  REQUIRE(::ftruncate(memfd.get(), 4096 + 8192) == 0);
  CHECK_FALSE(ring::attach(memfd.get(), -1).has_value()); // not sealed
  REQUIRE(::fcntl(memfd.get(), F_ADD_SEALS, F_SEAL_SHRINK) == 0);
  CHECK(ring::attach(memfd.get(), -1).error() == errc::bad_ring); // no header
}

TEST_CASE("a ring with any wrong header field is refused") {
  ring_pair pair;
  for (const off_t offset : {0, 8, 12, 16}) { // magic, version, size, capacity
    char byte = 0;
    REQUIRE(::pread(pair.writer.memfd(), &byte, 1, offset) == 1);
    const char other = static_cast<char>(byte ^ 1);
    REQUIRE(::pwrite(pair.writer.memfd(), &other, 1, offset) == 1);
    CHECK(ring::attach(pair.writer.memfd(), -1).error() == errc::bad_ring);
    REQUIRE(::pwrite(pair.writer.memfd(), &byte, 1, offset) == 1);
  }
  CHECK(ring::attach(pair.writer.memfd(), -1).has_value());
}

} // namespace outrigger::os
