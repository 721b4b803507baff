// Somebody swaps a folder for a link to elsewhere, at full speed, while files
// in it are opened, written and removed.
#include "actors/os/files/file_change.hpp"
#include "actors/os/files/file_read.hpp"
#include "tests/os/writer_fixture.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

namespace outrigger::os::test {

namespace {

/// Exchanges two entries of the root until it goes.
class flipper {
public:
  explicit flipper(const file_tree& tree)
      : thread_([this, a = tree.in("a"), b = tree.in("b")] {
          while (!done_) {
            ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(),
                        RENAME_EXCHANGE);
            ++flips_;
          }
        }) {}
  flipper(const flipper&) = delete;
  flipper& operator=(const flipper&) = delete;
  ~flipper() { stop(); }

  int stop() {
    done_ = true;
    if (thread_.joinable())
      thread_.join();
    return flips_;
  }

private:
  std::atomic<bool> done_ = false;
  std::atomic<int> flips_ = 0;
  std::thread thread_;
};

struct race : writer_fixture {
  race() : writer_fixture(storage::memory) {}

  /// "a" in the root is a folder, or a link to `outside`, which has an f too.
  void prepare(const std::string& link) {
    make_folder_at((*this)("outside"));
    write_file((*this)("outside/f"), "outside");
    make_folder_at(in("a"));
    make_link(link, in("b"));
  }

  /// One operation of each kind; how many of them did something.
  int operate(const root_dir& where) {
    int done = write(where, "a/f", "inside").has_value() ? 1 : 0;
    if (const auto file = open_regular(where, "a/f")) {
      ++done;
      const auto text = read_whole(file->fd.get(), 100);
      const auto path = path_of(file->fd.get());
      escaped += text && *text != "inside" ? 1 : 0;
      escaped += path && !path->starts_with(in("")) ? 1 : 0;
    }
    if (const auto folder = where.open("a", O_RDONLY | O_DIRECTORY))
      escaped += path_of(folder->get()).value().starts_with(in("")) ? 0 : 1;
    return done + (remove_entry(where, "a/f", false, {}) ? 1 : 0);
  }

  [[nodiscard]] bool untouched() const {
    return names_in((*this)("outside")) == std::vector<std::string>{"f"} &&
           read_file((*this)("outside/f")) == "outside";
  }

  int escaped = 0;
};

} // namespace

TEST_CASE_METHOD(race, "no operation leaves the root while a folder is swapped "
                       "for a link") {
  struct {
    const char* link;
    path_resolver how;
  } const cases[] = {{"../outside", path_resolver::openat2},
                     {"../outside", path_resolver::walk}};
  prepare(cases[0].link);
  struct stat before {};
  REQUIRE(::stat((*this)("outside/f").c_str(), &before) == 0);
  for (const auto& given : cases) {
    const auto where = root(given.how);
    flipper flips(*this);
    int done = 0;
    for (int round = 0; round < 25'000; ++round) // of four operations each
      done += operate(where);
    CHECK(flips.stop() > 100);
    CHECK(done > 100);    // some met the folder
    CHECK(done < 75'000); // and some the link
    CHECK(escaped == 0);
    CHECK(untouched());
  }
  struct stat after {};
  REQUIRE(::stat((*this)("outside/f").c_str(), &after) == 0);
  CHECK(after.st_ino == before.st_ino);
  CHECK(after.st_ctim.tv_nsec == before.st_ctim.tv_nsec);
}

TEST_CASE_METHOD(race, "nor while it is swapped for a link to the whole "
                       "machine") {
  make_folder_at(in("a"));
  make_link("/", in("b"));
  const auto name = "outrigger-marker-" + std::to_string(::getpid());
  for (const auto how : resolvers) {
    const auto where = root(how);
    flipper flips(*this);
    for (int round = 0; round < 5000; ++round) {
      (void)write(where, "a/" + name, "inside");
      if (const auto file = where.open("a/etc/passwd", O_RDONLY))
        ++escaped;
      (void)make_folder(where, "a/" + name + "-d/e", true);
      (void)remove_entry(where, "a/" + name + "-d", true, {});
    }
    CHECK(flips.stop() > 100);
  }
  CHECK(escaped == 0);
  CHECK(!exists("/" + name));
  CHECK(!exists("/" + name + "-d"));
  CHECK(exists((*this)("")));
}

} // namespace outrigger::os::test
