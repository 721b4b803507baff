// Runtime directory, lock and token file.
#include "actors/os/error.hpp"
#include "actors/os/runtime_dir.hpp"
#include "actors/os/token_file.hpp"
#include "tests/os/holder_fixture.hpp"

#include <catch2/catch.hpp>

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace outrigger::os::test {

namespace {

void write_file(const std::string& path, const std::string& text,
                mode_t mode = 0600) {
  std::ofstream(path) << text;
  REQUIRE(::chmod(path.c_str(), mode) == 0);
}

// While it lives no file of ours can grow.
class no_disk_space {
public:
  no_disk_space() {
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const rlimit none{0, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &none) == 0);
  }
  no_disk_space(const no_disk_space&) = delete;
  no_disk_space& operator=(const no_disk_space&) = delete;
  ~no_disk_space() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, on_signal_);
  }

private:
  rlimit before_{};
  void (*on_signal_)(int) = ::signal(SIGXFSZ, SIG_IGN);
};

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

} // namespace

TEST_CASE("a runtime directory is made private, with its parents") {
  const temporary_directory root;
  const std::string path = root.path() + "/a/b";
  CHECK(!make_runtime_dir(path));
  CHECK(mode_of(path) == 0700);
  CHECK(mode_of(root.path() + "/a") == 0700);
  CHECK(!make_runtime_dir(path));
  CHECK(!make_runtime_dir(path + "/"));
}

TEST_CASE("a runtime directory that others may write to is refused") {
  const temporary_directory root;
  const std::string path = root.path() + "/d";
  REQUIRE(::mkdir(path.c_str(), 0700) == 0);
  REQUIRE(::chmod(path.c_str(), 0770) == 0);
  CHECK(make_runtime_dir(path).error == errc::exposed);
  REQUIRE(::chmod(path.c_str(), 0702) == 0);
  CHECK(make_runtime_dir(path).error == errc::exposed);
  REQUIRE(::chmod(path.c_str(), 0700) == 0);
  REQUIRE(::symlink(path.c_str(), (root.path() + "/link").c_str()) == 0);
  CHECK(make_runtime_dir(root.path() + "/link"));
  CHECK(make_runtime_dir(root.path() + "/link/"));
  write_file(root.path() + "/file", "");
  CHECK(make_runtime_dir(root.path() + "/file").error == os_error(ENOTDIR));
  if (::geteuid() == 0) {
    REQUIRE(::chown(path.c_str(), 65534, 65534) == 0);
    CHECK(make_runtime_dir(path).error == errc::foreign_owner);
  }
}

TEST_CASE("a runtime directory whose parent others may replace is refused") {
  const temporary_directory root;
  const std::string parent = root.path() + "/p";
  const std::string path = parent + "/a/b";
  REQUIRE(!make_runtime_dir(path));
  REQUIRE(::chmod(parent.c_str(), 0777) == 0);
  auto failed = make_runtime_dir(path);
  CHECK(failed.error == errc::exposed);
  CHECK(failed.message() == parent + ": accessible by group or others");
  REQUIRE(::chmod(parent.c_str(), 01777) == 0);
  CHECK(!make_runtime_dir(path));
  if (::geteuid() != 0) {
    WARN("skipped: only root can make another user's directory");
    return;
  }
  REQUIRE(::chown(parent.c_str(), 0, 65534) == 0);
  REQUIRE(::chmod(parent.c_str(), 0770) == 0);
  CHECK(make_runtime_dir(path).error == errc::exposed);
  REQUIRE(::chown(parent.c_str(), 65534, 0) == 0);
  REQUIRE(::chmod(parent.c_str(), 0755) == 0);
  failed = make_runtime_dir(path);
  CHECK(failed.error == errc::foreign_owner);
  CHECK(failed.path == parent);
  REQUIRE(::chown(parent.c_str(), 0, 0) == 0);
  const std::string link = root.path() + "/link";
  REQUIRE(::symlink(parent.c_str(), link.c_str()) == 0);
  CHECK(!make_runtime_dir(link + "/a/b"));
  REQUIRE(::lchown(link.c_str(), 65534, 65534) == 0);
  CHECK(make_runtime_dir(link + "/a/b").path == link);
}

TEST_CASE("a lock tells who has it, and is free again afterwards") {
  const temporary_directory root;
  const std::string path = root.path() + "/lock";
  {
    const auto mine = lock_file::try_lock(path);
    REQUIRE(mine.has_value());
    const auto other = lock_file::try_lock(path);
    REQUIRE(other.has_error());
    CHECK(other.error().error == errc::locked);
    CHECK(other.error().owner == ::getpid());
  }
  CHECK(lock_file::try_lock(path).has_value());
  CHECK(lock_file::try_lock(root.path() + "/no/lock").has_error());
}

TEST_CASE("a lock is taken though its pid cannot be written") {
  const temporary_directory root;
  const std::string path = root.path() + "/lock";
  const no_disk_space full;
  const auto mine = lock_file::try_lock(path);
  REQUIRE(mine.has_value());
  const auto other = lock_file::try_lock(path);
  REQUIRE(other.has_error());
  CHECK(other.error().error == errc::locked);
  CHECK(other.error().owner == 0);
}

TEST_CASE("a token is made once, private and long") {
  const temporary_directory root;
  const std::string path = root.path() + "/token";
  CHECK(read_token(path).error() == os_error(ENOENT));
  const auto made = read_or_create_token(path);
  REQUIRE(made.has_value());
  CHECK(made->size() == 64);
  CHECK(made->find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(mode_of(path) == 0600);
  CHECK(read_or_create_token(path).value() == *made);
  CHECK(read_token(path).value() == *made);
  const std::filesystem::directory_iterator entries(root.path());
  CHECK(std::distance(begin(entries), end(entries)) == 1);
}

TEST_CASE("a token file that is exposed or weak is refused") {
  const temporary_directory root;
  const std::string path = root.path() + "/token";
  const std::string good(32, 'a');
  write_file(path, good + "\n");
  CHECK(read_token(path).value() == good);
  for (const mode_t mode : {0640, 0604, 0620, 0602}) {
    write_file(path, good, mode);
    CHECK(read_token(path).error() == errc::exposed);
    CHECK(read_or_create_token(path).error() == errc::exposed);
  }
  for (const auto& bad :
       {std::string(), std::string("\n"), std::string(31, 'a'),
        std::string(31, 'a') + "\n", std::string(32, ' '), good + " " + good,
        good + "\n" + good, std::string(5000, 'a')}) {
    write_file(path, bad);
    CHECK(read_token(path).error() == errc::bad_token);
  }
  REQUIRE(::unlink(path.c_str()) == 0);
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(read_token(path).error() == errc::bad_token);
}

TEST_CASE("every error of this layer has a message") {
  for (int value = 1; value <= static_cast<int>(errc::deaf); ++value)
    CHECK(os_category().message(value) != "unknown error");
}

} // namespace outrigger::os::test
