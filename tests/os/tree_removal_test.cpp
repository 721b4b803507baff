// Removing entries and trees.
#include "actors/os/error.hpp"
#include "actors/os/files/file_change.hpp"
#include "actors/os/files/tree_removal.hpp"
#include "tests/os/deep_tree.hpp"
#include "tests/os/forked_child.hpp"
#include "tests/os/skip.hpp"
#include "tests/os/writer_fixture.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

namespace outrigger::os::test {

namespace {

using names = std::vector<std::string>;

struct removals : file_tree {
  removals() : file_tree(storage::memory) {}

  root_dir workspace = root();

  [[nodiscard]] result<std::uint64_t> remove(std::string_view path,
                                             bool recursive = true,
                                             std::stop_token stop = {}) {
    return remove_entry(workspace, path, recursive, std::move(stop));
  }
};

} // namespace

TEST_CASE_METHOD(removals, "entries are removed, folders when that is asked") {
  make_folder_at(in("d"));
  make_folder_at(in("d/e"));
  make_folder_at(in("empty"));
  write_file(in("f"), "");
  write_file(in("d/f"), "");
  write_file(in("d/e/f"), "", 0000);
  REQUIRE(::mkfifo(in("d/fifo").c_str(), 0600) == 0);
  make_link("../d", in("d/e/round"));
  CHECK(remove("f", false).value() == 1);
  CHECK(remove("empty", false).value() == 1);
  CHECK(remove("d", false).error() == os_error(ENOTEMPTY));
  CHECK(remove("none", false).error() == os_error(ENOENT));
  CHECK(remove("none").error() == os_error(ENOENT));
  CHECK(remove("d").value() == 6);
  CHECK(names_in(in("")).empty());
}

TEST_CASE_METHOD(removals, "links in a tree are removed, not what they lead "
                           "to") {
  make_folder_at((*this)("outside"));
  write_file((*this)("outside/f"), "kept");
  make_folder_at(in("d"));
  make_link("../../outside", in("d/l"));
  make_link((*this)("outside"), in("d/m"));
  make_link("d", in("l"));
  CHECK(remove("l").value() == 1);
  CHECK(exists(in("d")));
  CHECK(remove("d").value() == 3);
  CHECK(read_file((*this)("outside/f")) == "kept");
}

TEST_CASE_METHOD(removals, "a tree ten thousand levels deep goes with little "
                           "stack and few descriptors") {
  make_folder_at(in("d"));
  make_deep(in("d"), 10'000);
  CHECK(in_child([&] {
          if (!limit_descriptors(open_descriptors() + 80))
            return 90;
          const rlimit stack{256 * 1024, 256 * 1024};
          if (::setrlimit(RLIMIT_STACK, &stack) != 0)
            return 91;
          const auto done = remove("d");
          return done && *done == 20'001 ? 0 : 1;
        }) == 0);
  CHECK(names_in(in("")).empty());
}

TEST_CASE_METHOD(removals, "a folder with many entries goes") {
  make_folder_at(in("d"));
  const unique_fd folder(::open(in("d").c_str(), O_PATH | O_CLOEXEC));
  for (int i = 0; i < 20'000; ++i)
    REQUIRE(::mknodat(folder.get(),
                      ("a-long-name-" + std::to_string(i)).c_str(),
                      S_IFREG | 0644, 0) == 0);
  for (int i = 0; i < 2000; ++i)
    REQUIRE(::mkdirat(folder.get(), std::to_string(i).c_str(), 0755) == 0);
  CHECK(remove("d").value() == 22'001);
}

TEST_CASE_METHOD(removals, "folders go that are more than are remembered") {
  make_folder_at(in("d"));
  for (std::size_t i = 0; i < removal_names + 100; ++i)
    make_folder_at(in("d/" + std::to_string(i)));
  for (const std::string folder : {"d/1", "d/10"})
    for (int i = 0; i < 100; ++i) {
      make_folder_at(in(folder + "/" + std::to_string(i)));
      write_file(in(folder + "/" + std::to_string(i) + "/f"), "");
    }
  CHECK(remove("d").value() == 1 + removal_names + 100 + 2 * 200);
  CHECK(names_in(in("")).empty());
}

TEST_CASE_METHOD(removals, "a removal that is stopped says so") {
  make_folder_at(in("d"));
  write_file(in("d/f"), "");
  std::stop_source stop;
  stop.request_stop();
  CHECK(remove("d", true, stop.get_token()).error() == os_error(ECANCELED));
  CHECK(exists(in("d/f")));
}

TEST_CASE_METHOD(removals, "what others put into the tree meanwhile goes too, "
                           "or it is said") {
  make_folder_at(in("d"));
  std::atomic<bool> done = false;
  std::thread maker([&] {
    const unique_fd folder(::open(in("d").c_str(), O_PATH | O_CLOEXEC));
    while (!done) {
      (void)::mkdirat(folder.get(), "x", 0755);
      (void)::mknodat(folder.get(), "x/f", S_IFREG | 0644, 0);
    }
  });
  for (int i = 0; i < 200; ++i) {
    const auto result = remove("d");
    if (result)
      break;
    REQUIRE((result.error() == os_error(ENOTEMPTY) ||
             result.error() == os_error(ENOENT)));
  }
  done = true;
  maker.join();
  const auto last = remove("d");
  CHECK((last.has_value() || last.error() == os_error(ENOENT)));
  CHECK(names_in(in("")).empty());
}

TEST_CASE_METHOD(removals, "two who remove the same tree do not fail for it") {
  make_folder_at(in("d"));
  for (int i = 0; i < 50; ++i) {
    const auto sub = in("d/" + std::to_string(i));
    make_folder_at(sub);
    for (int k = 0; k < 20; ++k)
      write_file(sub + "/" + std::to_string(k), "");
  }
  result<std::uint64_t> other = os_error(0);
  std::thread thread([&] { other = remove("d"); });
  const auto mine = remove("d");
  thread.join();
  for (const auto& each : {mine, other})
    CHECK((each.has_value() || each.error() == os_error(ENOENT)));
  CHECK((mine ? *mine : 0) + (other ? *other : 0) <= 1051);
  CHECK(!exists(in("d")));
}

TEST_CASE_METHOD(removals, "what cannot be removed stays, the rest goes",
                 "[root]") {
  if (::geteuid() != 0)
    return skip("only root becomes another user");
  REQUIRE(::chmod((*this)("").c_str(), 0755) == 0);
  make_folder_at(in("d"));
  make_folder_at(in("d/mine"));
  write_file(in("d/mine/f"), "");
  make_folder_at(in("d/theirs"));
  write_file(in("d/theirs/f"), "");
  make_folder_at(in("d/closed")); // of ours, empty, without any rights
  for (const char* path : {"", "d", "d/mine", "d/closed"})
    REQUIRE(::chown(in(path).c_str(), 65534, 65534) == 0);
  REQUIRE(::chmod(in("d/closed").c_str(), 0) == 0);
  CHECK(in_child([&] {
          if (::setresuid(65534, 65534, 65534) != 0)
            return 99;
          return remove("d").error() == os_error(EACCES) ? 0 : 1;
        }) == 0);
  CHECK(names_in(in("d")) == names{"theirs"});
  CHECK(names_in(in("d/theirs")) == names{"f"});
}

} // namespace outrigger::os::test
