// Writers beside readers, beside each other, and killed.
#include "actors/os/error.hpp"
#include "actors/os/files/file_read.hpp"
#include "tests/os/forked_child.hpp"
#include "tests/os/refused_calls.hpp"
#include "tests/os/writer_fixture.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstring>
#include <random>
#include <thread>

namespace outrigger::os::test {

namespace {

struct writer_race : writer_fixture {
  writer_race() : writer_fixture(storage::memory) {}
};

/// One version: the same eight bytes all over.
std::string version_bytes(std::uint64_t number, std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t at = 0; at < size; at += sizeof number)
    std::memcpy(text.data() + at, &number, sizeof number);
  return text;
}

bool is_one_version(const std::string& text, std::size_t size) {
  return text.size() == size &&
         std::memcmp(text.data(), text.data() + 8, size - 8) == 0;
}

/// Writes one version after another until it is killed.
[[noreturn]] void overwrite_for_ever(writer_fixture& files, std::size_t size,
                                     int started) {
  for (std::uint64_t number = 0;; ++number) {
    if (!files.write("f", version_bytes(number, size)))
      ::_exit(1);
    if (number == 1)
      (void)!::write(started, "x", 1);
  }
}

/// Spins: a point in time the writer knows nothing of.
void pass(std::chrono::microseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
  }
}

} // namespace

TEST_CASE_METHOD(writer_race, "readers see one whole version each while it "
                              "is overwritten") {
  constexpr std::size_t size = 1 << 20;
  REQUIRE(write("f", version_bytes(0, size)).has_value());
  std::atomic<bool> done = false;
  std::atomic<int> torn = 0;
  std::atomic<int> reads = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i)
    readers.emplace_back([&] {
      while (!done) {
        const auto file = open_regular(workspace, "f");
        const auto text = file ? read_whole(file->fd.get(), 2 * size)
                               : result<std::string>{file.error()};
        ++reads;
        if (!text || !is_one_version(*text, size))
          ++torn;
      }
    });
  for (std::uint64_t number = 1; number <= 2000; ++number)
    REQUIRE(write("f", version_bytes(number, size)).has_value());
  done = true;
  for (auto& reader : readers)
    reader.join();
  CHECK(torn == 0);
  CHECK(reads > 100);
  CHECK(names_in(in("")) == std::vector<std::string>{"f"});
}

TEST_CASE_METHOD(writer_race, "of two writers with one version one wins") {
  REQUIRE(write("f", "start").has_value());
  constexpr int rounds = 1000;
  std::barrier<> together{2};
  std::atomic<int> won = 0;
  std::atomic<int> told = 0;
  std::string expected = version("f");
  const auto writer = [&](char letter) {
    for (int round = 0; round < rounds; ++round) {
      write_options options;
      options.condition.versions = {expected};
      auto mine = file_writer::begin(workspace, "f", options, *pending);
      (void)mine->write(std::string(5, letter));
      together.arrive_and_wait();
      const auto done = mine->commit();
      won += done ? 1 : 0;
      told += done.error() == errc::changed ? 1 : 0;
      if (done)
        expected = version_of(*done); // looked at after the barrier
      together.arrive_and_wait();
    }
  };
  std::thread other([&] { writer('b'); });
  writer('a');
  other.join();
  CHECK(won == rounds);
  CHECK(told == rounds);
}

TEST_CASE_METHOD(writer_race, "of two makers of one file one makes it") {
  constexpr int rounds = 1000;
  std::barrier<> together{2};
  std::atomic<int> won = 0;
  std::atomic<int> told = 0;
  const auto maker = [&] {
    for (int round = 1; round <= rounds; ++round) {
      write_options options;
      options.condition.only_new = true;
      const auto name = "f" + std::to_string(round);
      auto mine = file_writer::begin(workspace, name, options, *pending);
      together.arrive_and_wait();
      const auto done = mine->commit();
      won += done ? 1 : 0;
      told += done.error() == os_error(EEXIST) ? 1 : 0;
    }
  };
  std::thread other(maker);
  maker();
  other.join();
  CHECK(won == rounds);
  CHECK(told == rounds);
}

// On the disk, where inodes are used again.
TEST_CASE_METHOD(writer_fixture, "a version never comes back") {
  std::vector<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    if (i % 3 == 0)
      (void)::unlink(in("f").c_str());
    seen.push_back(version_of(write("f", "x").value()));
  }
  std::sort(seen.begin(), seen.end());
  CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
}

TEST_CASE_METHOD(writer_race, "a writer that is killed leaves the old file "
                              "or the new, and nothing after the next "
                              "start") {
  std::mt19937 random(20); // any
  std::uniform_int_distribution<int> moment(0, 1500);
  constexpr std::size_t size = 128 * 1024;
  std::size_t left = 0;
  for (int round = 0; round < 200; ++round) {
    const bool nameless = round % 2 == 0;
    int started[2];
    REQUIRE(::pipe2(started, O_CLOEXEC) == 0);
    const unique_fd from(started[0]);
    unique_fd to(started[1]);
    const pid_t child = ::fork();
    if (child == 0) {
      if (!nameless &&
          !refuse_calls({{SCMP_SYS(openat), EOPNOTSUPP, 2,
                          O_TMPFILE & ~O_DIRECTORY, O_TMPFILE & ~O_DIRECTORY}}))
        ::_exit(90);
      pending = pending_files::open(pending_path).value();
      overwrite_for_ever(*this, size, to.get());
    }
    REQUIRE(child > 0);
    to.reset();
    char byte = 0;
    REQUIRE(::read(from.get(), &byte, 1) == 1); // else it has failed
    pass(std::chrono::microseconds(moment(random)));
    REQUIRE(::kill(child, SIGKILL) == 0);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    CHECK(is_one_version(read_file(in("f")).value(), size));
    left += pending_below(in(""));
    const auto next = pending_files::open(pending_path).value();
    CHECK(remove_left(next->take_left(), {&workspace}).empty());
    CHECK(names_in(in("")) == std::vector<std::string>{"f"});
  }
  CHECK(left > 0); // else nothing was tried
}

} // namespace outrigger::os::test
