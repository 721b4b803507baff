// Appending to files and writing into them.
#include "actors/os/error.hpp"
#include "actors/os/files/in_place_writer.hpp"
#include "tests/os/forked_child.hpp"
#include "tests/os/refused_calls.hpp"
#include "tests/os/skip.hpp"
#include "tests/os/writer_fixture.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <signal.h>

#include <filesystem>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

namespace outrigger::os::test {

namespace {

struct in_place : writer_fixture {
  [[nodiscard]] result<file_info> put(std::string_view path,
                                      std::string_view bytes,
                                      const ranged_write& options) {
    return write_in_place(workspace, path, bytes, options);
  }

  static ranged_write at(std::uint64_t offset) {
    ranged_write options;
    options.offset = offset;
    return options;
  }

  static ranged_write creating() {
    ranged_write options;
    options.create = true;
    options.create_folders = true;
    options.durable = true;
    options.mode = 0640;
    return options;
  }
};

} // namespace

TEST_CASE_METHOD(in_place, "what is not complete is taken back when it was "
                           "appended, and stays when it has an offset") {
  write_file(in("f"), "0123", 0640);
  const auto begin = [&](const ranged_write& options, const char* path = "f") {
    in_place_writer writer{workspace, path, options};
    CHECK_FALSE(writer.write("abc"));
    CHECK_FALSE(writer.write("def"));
    return writer;
  };
  { auto dropped = begin({}); }
  CHECK(read_file(in("f")) == "0123");
  CHECK(begin({}).commit().value().size == 10);
  CHECK(read_file(in("f")) == "0123abcdef");
  { auto dropped = begin(at(8)); }
  CHECK(read_file(in("f")) == "0123abcdabcdef");
  { auto dropped = begin(creating(), "new/g"); }
  CHECK_FALSE(std::filesystem::exists(in("new/g")));
  CHECK(begin(creating(), "new/g").made());
  CHECK_FALSE(std::filesystem::exists(in("new/g")));
}

TEST_CASE_METHOD(in_place, "what others appended meanwhile is not taken back") {
  write_file(in("f"), "0123", 0640);
  {
    in_place_writer writer{workspace, "f", {}};
    CHECK_FALSE(writer.write("abc"));
    CHECK(put("f", "theirs", {}).has_value());
    CHECK_FALSE(writer.write("def"));
  }
  CHECK(read_file(in("f")) == "0123abctheirsdef");
  {
    in_place_writer writer{workspace, "f", {}};
    CHECK_FALSE(writer.write("x"));
    CHECK(put("f", "y", {}).has_value());
  }
  CHECK(read_file(in("f")) == "0123abctheirsdefxy");
}

TEST_CASE_METHOD(in_place, "a file that is replaced meanwhile is not written "
                           "any more") {
  write_file(in("f"), "0123", 0640);
  in_place_writer writer{workspace, "f", {}};
  CHECK_FALSE(writer.write("abc"));
  write_file(in("other"), "other", 0640);
  std::filesystem::rename(in("other"), in("f"));
  CHECK(writer.write("def") == std::errc::resource_unavailable_try_again);
  CHECK(read_file(in("f")) == "other");
}

TEST_CASE_METHOD(in_place, "bytes are appended, and written over") {
  write_file(in("f"), "0123", 0640);
  make_link("f", in("l"));
  const auto first = version("f");
  CHECK(put("f", "45", {}).value().size == 6);
  CHECK(read_file(in("f")) == "012345");
  CHECK(version("f") != first);
  CHECK(put("l", "xy", at(1)).has_value());
  CHECK(read_file(in("f")) == "0xy345");
  CHECK(put("f", "z", at(8)).value().size == 9);
  CHECK(read_file(in("f")) == std::string("0xy345\0\0z", 9));
  CHECK(put("f", "", {}).value().size == 9);
  CHECK(mode_of(in("f")) == 0640);
}

TEST_CASE_METHOD(in_place, "another content of the same size is another "
                           "version, however fast it comes") {
  write_file(in("f"), "0");
  auto before = version("f");
  for (int i = 0; i < 2000; ++i) {
    const auto info = put("f", i % 2 == 0 ? "a" : "b", at(0));
    REQUIRE(info.has_value());
    REQUIRE(version_of(*info) != before);
    before = version_of(*info);
  }
}

TEST_CASE_METHOD(in_place, "and where the clock of files ticks slowly",
                 "[root]") {
  make_folder_at(in("disk"));
  const small_disk disk(in("disk"), "1m", "ramfs");
  if (!disk.mounted())
    return skip("mounting needs root");
  write_file(in("disk/f"), "0");
  auto before = version("disk/f");
  for (int i = 0; i < 2000; ++i) {
    const auto info = put("disk/f", i % 2 == 0 ? "a" : "b", at(0));
    REQUIRE(info.has_value());
    REQUIRE(version_of(*info) != before);
    before = version_of(*info);
  }
}

TEST_CASE_METHOD(in_place, "a file is made only when that was asked for") {
  CHECK(put("f", "x", {}).error() == os_error(ENOENT));
  CHECK(put("a/f", "x", creating()).value().mode == 0640);
  CHECK(put("a/f", "y", creating()).value().size == 2);
  CHECK(read_file(in("a/f")) == "xy");
  auto options = creating();
  options.create_folders = false;
  CHECK(put("b/f", "x", options).error() == os_error(ENOENT));
}

TEST_CASE_METHOD(in_place, "what is no file is refused at once") {
  make_folder_at(in("d"));
  REQUIRE(::mkfifo(in("fifo").c_str(), 0666) == 0);
  write_file((*this)("secret"), "untouched");
  make_link("../secret", in("out"));
  for (const auto& options : {ranged_write{}, at(0), creating()}) {
    CHECK(put("d", "x", options).error() == os_error(EISDIR));
    CHECK(put("fifo", "x", options).error() == errc::not_a_file);
    CHECK(put("out", "x", options).error() == os_error(EXDEV));
    CHECK(put("../secret", "x", options).error() == os_error(EXDEV));
  }
  CHECK(read_file((*this)("secret")) == "untouched");
}

TEST_CASE_METHOD(in_place, "conditions hold here too") {
  auto options = creating();
  options.condition.only_new = true;
  CHECK(put("f", "one", options).has_value());
  CHECK(put("f", "two", options).error() == os_error(EEXIST));
  options = {};
  options.condition.versions = {"1-2-3"};
  CHECK(put("f", "two", options).error() == errc::changed);
  CHECK(put("g", "two", options).error() == errc::changed);
  options.condition.versions = {version("f")};
  CHECK(put("f", "two", options).has_value());
  CHECK(put("f", "two", options).error() == errc::changed);
  options = {};
  options.condition.only_existing = true;
  CHECK(put("g", "x", options).error() == os_error(ENOENT));
  CHECK(read_file(in("f")) == "onetwo");
  CHECK(names_in(in("")) == std::vector<std::string>{"f"});
}

TEST_CASE_METHOD(in_place, "an offset no file reaches is refused") {
  write_file(in("f"), "x");
  CHECK(put("f", "y", at(UINT64_MAX)).error() == os_error(EFBIG));
  CHECK(put("f", "y", at(INT64_MAX)).error() == os_error(EFBIG));
  CHECK(read_file(in("f")) == "x");
}

TEST_CASE_METHOD(in_place, "appending from several threads loses nothing") {
  write_file(in("f"), "");
  std::vector<std::thread> threads;
  std::atomic<int> failed = 0;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      const std::string line(10, static_cast<char>('a' + i));
      for (int round = 0; round < 500; ++round)
        if (!put("f", line, {}))
          ++failed;
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(failed == 0);
  const auto text = read_file(in("f")).value();
  REQUIRE(text.size() == 4 * 500 * 10);
  for (std::size_t at = 0; at < text.size(); at += 10)
    REQUIRE(text.substr(at, 10) == std::string(10, text[at]));
}

TEST_CASE_METHOD(in_place, "an append never goes into a file that has just "
                           "been replaced") {
  std::atomic<bool> done = false;
  std::atomic<int> failed = 0;
  write_file(in("f"), "0");
  std::thread appending([&] {
    for (int i = 0; i < 2000; ++i)
      if (!put("f", "a", {}))
        ++failed;
    done = true;
  });
  // Each replacement takes over what is there; both count, if none is lost.
  int replaced = 0;
  while (!done) {
    const auto seen = version("f");
    const auto text = read_file(in("f")).value();
    write_options options;
    options.condition.versions = {seen};
    if (write("f", text + "r", options))
      ++replaced;
  }
  appending.join();
  CHECK(failed == 0);
  CHECK(read_file(in("f")).value().size() ==
        1 + 2000 + static_cast<std::size_t>(replaced));
}

TEST_CASE_METHOD(in_place, "an append that fails half-way is taken back") {
  write_file(in("f"), std::string(600, 'o'));
  CHECK(in_child([&] {
          ::signal(SIGXFSZ, SIG_IGN);
          const rlimit limit{1000, 1000};
          ::setrlimit(RLIMIT_FSIZE, &limit);
          if (put("f", std::string(900, 'x'), {}).error() != os_error(EFBIG))
            return 1;
          if (put("f", std::string(900, 'x'), at(601)).error() !=
              os_error(EFBIG))
            return 2;
          return put("g", std::string(1900, 'x'), creating()).error() ==
                         os_error(EFBIG)
                     ? 0
                     : 3;
        }) == 0);
  CHECK(read_file(in("f")) == std::string(600, 'o'));
  CHECK(!exists(in("g")));
}

TEST_CASE_METHOD(in_place, "what others append is not taken back with it") {
  write_file(in("f"), "ours");
  CHECK(in_child([&] {
          if (!refuse_calls({{SCMP_SYS(pwrite64), ENOSPC}}))
            return 90;
          const unique_fd log(
              ::open(in("f").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
          std::atomic<bool> done = false;
          std::size_t theirs = 0;
          std::thread appending([&] {
            while (!done && ::write(log.get(), "t", 1) == 1)
              ++theirs;
          });
          int wrong = 0;
          for (int i = 0; i < 5000; ++i)
            if (put("f", "x", {}).error() != os_error(ENOSPC))
              ++wrong;
          done = true;
          appending.join();
          if (wrong != 0)
            return 1;
          return read_file(in("f")).value().size() == 4 + theirs ? 0 : 2;
        }) == 0);
}

TEST_CASE_METHOD(in_place, "an append to a full disk is taken back", "[root]") {
  make_folder_at(in("disk"));
  const small_disk disk(in("disk"), "64k");
  if (!disk.mounted())
    return skip("mounting needs root");
  write_file(in("disk/f"), "old");
  CHECK(put("disk/f", std::string(100'000, 'x'), {}).error() ==
        os_error(ENOSPC));
  CHECK(read_file(in("disk/f")) == "old");
  CHECK(put("disk/g", std::string(100'000, 'x'), creating()).error() ==
        os_error(ENOSPC));
  CHECK(names_in(in("disk")) == std::vector<std::string>{"f"});
}

} // namespace outrigger::os::test
