// Copying trees.
#include "actors/os/error.hpp"
#include "actors/os/files/tree_copy.hpp"
#include "tests/os/deep_tree.hpp"
#include "tests/os/forked_child.hpp"
#include "tests/os/refused_calls.hpp"
#include "tests/os/skip.hpp"
#include "tests/os/writer_fixture.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

namespace outrigger::os::test {

namespace {

using names = std::vector<std::string>;

struct copies : writer_fixture {
  using writer_fixture::writer_fixture;

  [[nodiscard]] result<copied> copy(std::string_view from, std::string_view to,
                                    if_exists policy = if_exists::refuse,
                                    std::stop_token stop = {}) {
    return copy_entry(workspace, from, workspace, to, policy, false, *pending,
                      std::move(stop));
  }

  static void set_time(const std::string& path, std::int64_t seconds) {
    const std::array<timespec, 2> times{timespec{seconds, 1},
                                        timespec{seconds, 2}};
    REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times.data(),
                        AT_SYMLINK_NOFOLLOW) == 0);
  }

  static std::int64_t time_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status.st_mtim.tv_sec;
  }

  static blkcnt_t blocks_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_blocks;
  }
};

} // namespace

TEST_CASE_METHOD(copies, "a tree is copied with modes, times and links") {
  make_folder_at(in("d"));
  make_folder_at(in("d/e"));
  write_file(in("d/e/f"), "text", 0640);
  write_file(in("d/program"), "#!", 04755);
  make_link("/nowhere", in("d/l"));
  make_link("e", in("d/to-e"));
  REQUIRE(::chmod(in("d/e").c_str(), 0500) == 0);
  for (const char* path : {"d/e/f", "d/l", "d/e", "d"})
    set_time(in(path), 1'000'000'000);
  const auto done = copy("d", "c");
  REQUIRE(done.has_value());
  CHECK(done->entries == 6);
  CHECK(done->bytes == 6);
  CHECK(names_in(in("c")) == names{"e", "l", "program", "to-e"});
  CHECK(read_file(in("c/e/f")) == "text");
  CHECK(mode_of(in("c/e/f")) == 0640);
  CHECK(mode_of(in("c/program")) == 0755); // whose copy is ours
  CHECK(mode_of(in("c/e")) == 0500);
  CHECK(link_target(workspace, "c/l").value() == "/nowhere");
  CHECK(link_target(workspace, "c/to-e").value() == "e");
  for (const char* path : {"c/e/f", "c/l", "c/e", "c"}) {
    INFO(path);
    CHECK(time_of(in(path)) == 1'000'000'000);
  }
  CHECK(names_in(in("")) == names{"c", "d"});
  REQUIRE(::chmod(in("d/e").c_str(), 0700) == 0);
  REQUIRE(::chmod(in("c/e").c_str(), 0700) == 0);
}

TEST_CASE_METHOD(copies, "a file is copied, and a link as a link") {
  write_file(in("f"), "text", 0604);
  make_link("f", in("l"));
  CHECK(copy("f", "g").value().bytes == 4);
  CHECK(mode_of(in("g")) == 0604);
  CHECK(copy("l", "m").value().bytes == 0);
  CHECK(link_target(workspace, "m").value() == "f");
  CHECK(copy("f", "g").error() == os_error(EEXIST));
  CHECK(copy("f", "l").error() == os_error(EEXIST));
  write_file(in("f"), "newer");
  CHECK(copy("f", "g", if_exists::replace).has_value());
  CHECK(read_file(in("g")) == "newer");
  CHECK(copy("f", "l", if_exists::replace).has_value());
  CHECK(link_target(workspace, "l").error() == os_error(EINVAL));
  make_folder_at(in("d"));
  CHECK(copy("f", "d", if_exists::replace).error() == os_error(EISDIR));
  CHECK(copy("d", "f", if_exists::replace).error() == os_error(ENOTDIR));
  CHECK(copy("none", "x").error() == os_error(ENOENT));
  CHECK(pending_below(in("")) == 0);
}

TEST_CASE_METHOD(copies,
                 "a tree with something that is no file is not copied") {
  make_folder_at(in("d"));
  make_folder_at(in("d/e"));
  write_file(in("d/f"), "text");
  REQUIRE(::mkfifo(in("d/e/fifo").c_str(), 0600) == 0);
  CHECK(copy("d", "c").error() == errc::not_a_file);
  CHECK(copy("d/e/fifo", "c").error() == errc::not_a_file);
  CHECK(names_in(in("")) == names{"d"});
}

TEST_CASE_METHOD(copies, "large files are copied whole, and holes stay holes") {
  std::string text;
  while (text.size() < 3'000'000)
    text += std::to_string(text.size());
  write_file(in("f"), text);
  CHECK(copy("f", "g").value().bytes == text.size());
  CHECK((read_file(in("g")) == text));
  // Data, a hole, data, a hole.
  write_file(in("sparse"), "start");
  const unique_fd fd(::open(in("sparse").c_str(), O_WRONLY | O_CLOEXEC));
  REQUIRE(::pwrite(fd.get(), "middle", 6, 500 << 20) == 6);
  REQUIRE(::ftruncate(fd.get(), 1'000'000'000) == 0);
  CHECK(copy("sparse", "copy").value().bytes == 1'000'000'000);
  CHECK(blocks_of(in("copy")) <= blocks_of(in("sparse")) + 4096);
  const unique_fd made(::open(in("copy").c_str(), O_RDONLY | O_CLOEXEC));
  char bytes[8] = {};
  REQUIRE(::pread(made.get(), bytes, 8, (500 << 20) - 1) == 8);
  CHECK(std::string(bytes, 8) == std::string("\0middle\0", 8));
  CHECK(::lseek(made.get(), 0, SEEK_END) == 1'000'000'000);
}

TEST_CASE_METHOD(copies, "a file that grows meanwhile is copied as far as it "
                         "went, without holes") {
  const unique_fd fd(
      ::open(in("log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  REQUIRE(fd);
  std::atomic<bool> done = false;
  std::thread writing([&] {
    while (!done) {
      (void)!::ftruncate(fd.get(), 0); // as logs are begun again
      for (off_t at = 0; at < 1000 && !done; ++at)
        (void)!::pwrite(fd.get(), "l", 1, at);
    }
  });
  std::size_t torn = 0;
  for (int i = 0; i < 400; ++i)
    if (copy("log", "copy", if_exists::replace))
      torn += read_file(in("copy")).value().find('\0') != std::string::npos;
  done = true;
  writing.join();
  CHECK(torn == 0);
}

TEST_CASE_METHOD(copies, "where the kernel cannot copy, we do") {
  std::string text;
  while (text.size() < 3'000'000)
    text += std::to_string(text.size());
  write_file(in("f"), text);
  for (const int error : {ENOSYS, EXDEV, EOPNOTSUPP, EINVAL})
    CHECK(in_child([&] {
            if (!refuse_calls({{SCMP_SYS(copy_file_range), error}}))
              return 90;
            if (!copy("f", "g", if_exists::replace))
              return 1;
            return read_file(in("g")) == text ? 0 : 2;
          }) == 0);
  CHECK(in_child([&] {
          if (!refuse_calls({{SCMP_SYS(copy_file_range), EIO}}))
            return 90;
          return copy("f", "x").error() == os_error(EIO) ? 0 : 1;
        }) == 0);
  CHECK(names_in(in("")) == names{"f", "g"});
  // A file whose status tells no size.
  const auto all = root_dir::open("/", path_resolver::openat2).value();
  CHECK(copy_entry(all, "proc/self/status", workspace, "status",
                   if_exists::refuse, false, *pending, {})
            .value()
            .bytes > 100);
  CHECK(read_file(in("status")).value().starts_with("Name:"));
}

TEST_CASE_METHOD(copies, "a copy that is stopped leaves nothing") {
  make_folder_at(in("d"));
  for (int i = 0; i < 100; ++i)
    write_file(in("d/" + std::to_string(i)), "text");
  std::stop_source now;
  now.request_stop();
  CHECK(copy("d", "c", if_exists::refuse, now.get_token()).error() ==
        os_error(ECANCELED));
  CHECK(names_in(in("")) == names{"d"});
  // In the middle of one large file without an end in sight.
  const unique_fd fd(
      ::open(in("large").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  REQUIRE(::posix_fallocate(fd.get(), 0, 64 << 20) == 0);
  REQUIRE(::pwrite(fd.get(), "x", 1, (64 << 20) - 1) == 1);
  std::stop_source later;
  result<copied> done = os_error(0);
  std::atomic<bool> finished = false;
  std::thread copying([&] {
    done = copy("large", "c", if_exists::refuse, later.get_token());
    finished = true;
  });
  REQUIRE(eventually([&] { return pending_below(in("")) > 0 || finished; }));
  later.request_stop();
  copying.join();
  CHECK((done.has_value() || done.error() == os_error(ECANCELED)));
  CHECK(pending_below(in("")) == 0);
}

TEST_CASE_METHOD(copies, "a full disk leaves no part of a copy", "[root]") {
  make_folder_at(in("disk"));
  const small_disk disk(in("disk"), "256k");
  if (!disk.mounted())
    return skip("mounting needs root");
  make_folder_at(in("d"));
  for (int i = 0; i < 10; ++i)
    write_file(in("d/" + std::to_string(i)), std::string(50'000, 'x'));
  CHECK(copy("d", "disk/c").error() == os_error(ENOSPC));
  CHECK(names_in(in("disk")).empty());
}

TEST_CASE_METHOD(copies,
                 "a folder that is in itself by way of a mount is not "
                 "copied for ever",
                 "[root]") {
  make_folder_at(in("d"));
  make_folder_at(in("d/e"));
  make_folder_at(in("mount"));
  if (::mount(in("d").c_str(), in("mount").c_str(), nullptr, MS_BIND,
              nullptr) != 0)
    return skip("mounting needs root");
  CHECK(copy("d", "mount/e/c").error() == os_error(EINVAL));
  CHECK(::umount2(in("mount").c_str(), MNT_DETACH) == 0);
  CHECK(names_in(in("d/e")).empty());
}

struct copies_in_memory : copies {
  copies_in_memory() : copies(storage::memory) {}
};

TEST_CASE_METHOD(copies_in_memory,
                 "a tree of any depth is copied with few descriptors") {
  make_folder_at(in("d"));
  make_deep(in("d"), 2000);
  CHECK(in_child([&] {
          if (!limit_descriptors(open_descriptors() + 150))
            return 90;
          const auto done = copy("d", "c");
          if (!done || done->entries != 2001 + 2000)
            return 1;
          return depth_of(in("c")) == 2000 ? 0 : 2;
        }) == 0);
  REQUIRE(remove_entry(workspace, "d", true, {}).value() == 4001);
  REQUIRE(remove_entry(workspace, "c", true, {}).value() == 4001);
}

} // namespace outrigger::os::test
