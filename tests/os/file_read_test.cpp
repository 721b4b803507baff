// Opening and reading regular files.
#include "actors/os/error.hpp"
#include "actors/os/files/file_read.hpp"
#include "tests/os/file_tree.hpp"
#include "tests/os/forked_child.hpp"
#include "tests/os/skip.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>

namespace outrigger::os::test {

namespace {

void make_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  REQUIRE(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.data(), path.size());
  const unique_fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                 sizeof address) == 0);
}

} // namespace

TEST_CASE("only file systems that ask nobody are read without waiting",
          "[root]") {
  const file_tree tree;
  make_folder_at(tree.in("disk"));
  write_file(tree.in("f"), "ours");
  // One that is not known to ask nobody.
  const small_disk disk(tree.in("disk"), "64k", "ramfs");
  if (!disk.mounted())
    return skip("mounting needs root");
  write_file(tree.in("disk/f"), "theirs");
  const auto root = tree.root(path_resolver::openat2);
  CHECK(open_regular_cached(root, "f").has_value());
  CHECK(open_regular(root, "disk/f").has_value());
  CHECK(open_regular_cached(root, "disk/f").error() == os_error(EAGAIN));
  const auto inner = root.narrow("disk").value();
  CHECK(open_regular_cached(inner, "f").error() == os_error(EAGAIN));
  const auto own =
      root_dir::open(tree.in("disk"), path_resolver::openat2).value();
  CHECK(open_regular(own, "f").has_value());
  CHECK(open_regular_cached(own, "f").error() == os_error(EAGAIN));
}

TEST_CASE("a regular file is opened and read, by path and by entry") {
  const file_tree tree;
  make_folder_at(tree.in("d"));
  write_file(tree.in("d/f"), "content", 0640);
  make_link("d/f", tree.in("l"));
  for (const auto how : resolvers) {
    const auto root = tree.root(how);
    for (const char* path : {"d/f", "l", "d/../l", "./d/f"}) {
      INFO(path);
      const auto file = open_regular(root, path);
      REQUIRE(file.has_value());
      CHECK(read_whole(file->fd.get(), 100).value() == "content");
      CHECK(file->info.size == 7);
      CHECK(file->info.mode == 0640);
      CHECK(file->info.kind == file_kind::file);
    }
    const auto folder = root.open("d", O_PATH | O_DIRECTORY);
    REQUIRE(folder.has_value());
    const auto entry = open_regular(folder->get(), "f");
    REQUIRE(entry.has_value());
    CHECK(version_of(entry->info) ==
          version_of(open_regular(root, "l").value().info));
    CHECK(open_regular(folder->get(), "none").error() == os_error(ENOENT));
    CHECK(open_regular(folder->get(), "../l").error() == os_error(EINVAL));
  }
}

TEST_CASE("what is no regular file is refused at once") {
  const file_tree tree;
  make_folder_at(tree.in("folder"));
  REQUIRE(::mkfifo(tree.in("fifo").c_str(), 0666) == 0);
  make_socket(tree.in("socket"));
  make_link("fifo", tree.in("to-fifo"));
  make_link("folder", tree.in("to-folder"));
  if (::geteuid() == 0)
    REQUIRE(::mknod(tree.in("device").c_str(), S_IFCHR | 0666, 0x0105) == 0);
  for (const auto how : resolvers) {
    const auto root = tree.root(how);
    const auto folder = root.open("", O_PATH | O_DIRECTORY);
    REQUIRE(folder.has_value());
    for (const char* name : {"fifo", "socket", "device"}) {
      INFO(name);
      if (!exists(tree.in(name)))
        continue; // only root makes devices
      CHECK(open_regular(root, name).error() == errc::not_a_file);
      CHECK(open_regular(folder->get(), name).error() == errc::not_a_file);
    }
    CHECK(open_regular(root, "to-fifo").error() == errc::not_a_file);
    CHECK(open_regular(root, "folder").error() == os_error(EISDIR));
    CHECK(open_regular(root, "to-folder").error() == os_error(EISDIR));
    CHECK(open_regular(root, "").error() == os_error(EISDIR));
    CHECK(open_regular(folder->get(), "to-folder").error() == os_error(ELOOP));
    CHECK(open_regular(root, "folder/none").error() == os_error(ENOENT));
    CHECK(open_regular(root, "fifo/none").error() == os_error(ENOTDIR));
  }
}

TEST_CASE("a writer that waits at a FIFO is not woken by a reader's attempt") {
  const file_tree tree;
  REQUIRE(::mkfifo(tree.in("fifo").c_str(), 0666) == 0);
  std::atomic<bool> started = false;
  std::atomic<bool> woken = false;
  std::thread writer([&] {
    started = true;
    const unique_fd end(::open(tree.in("fifo").c_str(), O_WRONLY | O_CLOEXEC));
    woken = true;
  });
  REQUIRE(eventually([&] { return started.load(); }));
  const auto root = tree.root();
  for (int i = 0; i < 20'000; ++i)
    REQUIRE(open_regular(root, "fifo").error() == errc::not_a_file);
  CHECK(!woken);
  const unique_fd reader(
      ::open(tree.in("fifo").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  writer.join();
}

TEST_CASE("a part of a file is read, and less at its end") {
  const file_tree tree;
  write_file(tree.in("f"), "0123456789");
  const auto file = open_regular(tree.root(), "f");
  REQUIRE(file.has_value());
  const int fd = file->fd.get();
  CHECK(read_at(fd, 0, 4).value() == "0123");
  CHECK(read_at(fd, 4, 3).value() == "456");
  CHECK(read_at(fd, 8, 100).value() == "89");
  CHECK(read_at(fd, 10, 1).value().empty());
  CHECK(read_at(fd, 3, 0).value().empty());
  CHECK(read_at(fd, UINT64_MAX, SIZE_MAX).value().empty());
  CHECK(read_at(fd, INT64_MAX, 1).value().empty());
  CHECK(read_at(fd, 9, SIZE_MAX).value() == "9");
}

TEST_CASE("a large part comes whole") {
  const file_tree tree;
  std::string text;
  while (text.size() < 3'000'000)
    text += std::to_string(text.size());
  write_file(tree.in("f"), text);
  const auto file = open_regular(tree.root(), "f");
  REQUIRE(file.has_value());
  CHECK((read_whole(file->fd.get(), text.size()).value() == text));
  CHECK((read_at(file->fd.get(), 5, 2'000'000).value() ==
         text.substr(5, 2'000'000)));
}

TEST_CASE("a whole file is refused when more is read than allowed") {
  const file_tree tree;
  write_file(tree.in("f"), "0123456789");
  write_file(tree.in("empty"), "");
  const auto root = tree.root();
  const auto file = open_regular(root, "f");
  REQUIRE(file.has_value());
  CHECK(read_whole(file->fd.get(), 10).value() == "0123456789");
  CHECK(read_whole(file->fd.get(), 9).error() == os_error(EFBIG));
  CHECK(read_whole(file->fd.get(), 0).error() == os_error(EFBIG));
  CHECK(read_whole(file->fd.get(), SIZE_MAX).value().size() == 10);
  CHECK(read_whole(open_regular(root, "empty").value().fd.get(), 0)
            .value()
            .empty());
  // Of what grows afterwards, all of it.
  write_file(tree.in("f"), std::string(100'000, 'x'));
  CHECK(read_whole(file->fd.get(), 100'000).value().size() == 100'000);
  CHECK(read_whole(file->fd.get(), 99'999).error() == os_error(EFBIG));
}

TEST_CASE("a file whose status tells no size is read whole") {
  const auto root = root_dir::open("/", path_resolver::openat2);
  REQUIRE(root.has_value());
  const auto file = open_regular(*root, "proc/self/status");
  REQUIRE(file.has_value());
  CHECK(file->info.size == 0);
  const auto text = read_whole(file->fd.get(), 1'000'000);
  REQUIRE(text.has_value());
  CHECK(text->starts_with("Name:"));
  CHECK(read_whole(file->fd.get(), 10).error() == os_error(EFBIG));
}

TEST_CASE("a file that may not be read says so") {
  const file_tree tree;
  write_file(tree.in("f"), "content", 0000);
  if (::geteuid() == 0) {
    REQUIRE(::chmod(tree("").c_str(), 0755) == 0);
    CHECK(in_child([&] {
            if (::setresuid(65534, 65534, 65534) != 0)
              return 99;
            return open_regular(tree.root(), "f").error() == os_error(EACCES)
                       ? 0
                       : 1;
          }) == 0);
  } else {
    CHECK(open_regular(tree.root(), "f").error() == os_error(EACCES));
  }
}

} // namespace outrigger::os::test
