// Writing whole files: what takes whose place, and what is kept.
#include "actors/os/error.hpp"
#include "tests/os/forked_child.hpp"
#include "tests/os/skip.hpp"
#include "tests/os/writer_fixture.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>

namespace outrigger::os::test {

namespace {

write_options with(write_condition condition) {
  write_options options;
  options.condition = std::move(condition);
  return options;
}

std::string xattr(const std::string& path, const char* name) {
  std::array<char, 100> value{};
  const ssize_t size =
      ::lgetxattr(path.c_str(), name, value.data(), value.size());
  return size < 0 ? "" : std::string(value.data(), std::size_t(size));
}

} // namespace

TEST_CASE_METHOD(writer_fixture, "a new file is not there before it is whole") {
  for (const auto how : resolvers) {
    const auto where = root(how);
    auto writer = file_writer::begin(where, "f", {}, *pending);
    REQUIRE(writer.has_value());
    CHECK(!writer->replaces());
    REQUIRE(!writer->write("con"));
    REQUIRE(!writer->write("tent"));
    CHECK(writer->written() == 7);
    CHECK(names_in(in("")).empty());
    const auto info = writer->commit();
    REQUIRE(info.has_value());
    CHECK(info->size == 7);
    CHECK(version_of(*info) == version("f"));
    CHECK(read_file(in("f")) == "content");
    CHECK(names_in(in("")) == std::vector<std::string>{"f"});
    CHECK(writer->commit().has_error()); // once
    CHECK(writer->write("more"));
    CHECK(read_file(in("f")) == "content");
    REQUIRE(::unlink(in("f").c_str()) == 0);
  }
}

TEST_CASE_METHOD(writer_fixture, "who has a file open goes on seeing the old") {
  write_file(in("f"), "old");
  const unique_fd before(::open(in("f").c_str(), O_RDONLY | O_CLOEXEC));
  auto writer = file_writer::begin(workspace, "f", {}, *pending);
  REQUIRE(writer.has_value());
  CHECK(writer->replaces());
  REQUIRE(!writer->write("newer"));
  CHECK(read_file(in("f")) == "old");
  REQUIRE(writer->commit().has_value());
  CHECK(read_file(in("f")) == "newer");
  char text[10];
  CHECK(::read(before.get(), text, sizeof text) == 3);
}

TEST_CASE_METHOD(writer_fixture, "a writer that is given up leaves nothing") {
  write_file(in("f"), "old");
  const auto descriptors = open_descriptors();
  {
    auto writer = file_writer::begin(workspace, "f", {}, *pending);
    REQUIRE(!writer->write("new"));
    auto moved = std::move(*writer);
    auto other = file_writer::begin(workspace, "g", {}, *pending);
    REQUIRE(!other->write("new"));
  }
  CHECK(read_file(in("f")) == "old");
  CHECK(names_in(in("")) == std::vector<std::string>{"f"});
  CHECK(open_descriptors() == descriptors);
}

TEST_CASE_METHOD(writer_fixture, "a new file has the mode asked for, less the "
                                 "umask; a replaced one keeps its own") {
  const auto before = ::umask(027);
  write_options options;
  options.mode = 06777;
  CHECK(write("new", "x", options).value().mode == 0750);
  ::umask(before);
  for (const mode_t mode : {0600, 0640, 0755, 0777, 0444}) {
    write_file(in("f"), "old", mode);
    if (::geteuid() != 0 && mode == 0444)
      continue;
    options.mode = 0612;
    CHECK(write("f", "new", options).value().mode == mode);
    CHECK(mode_of(in("f")) == mode);
  }
  // Who writes to a set-user-ID program does not make one.
  REQUIRE(::chmod(in("f").c_str(), 06755) == 0);
  CHECK(write("f", "newer").value().mode == 0755);
}

TEST_CASE_METHOD(writer_fixture, "a replaced file keeps extended attributes") {
  write_file(in("f"), "old");
  if (::setxattr(in("f").c_str(), "user.note", "kept", 4, 0) != 0)
    return skip("no extended attributes in /tmp");
  // One entry more than the mode: user 1234 may read.
  const unsigned char acl[] = {2,    0, 0, 0,                         //
                               1,    0, 6, 0, 0xff, 0xff, 0xff, 0xff, //
                               2,    0, 4, 0, 0xd2, 0x04, 0,    0,    //
                               4,    0, 4, 0, 0xff, 0xff, 0xff, 0xff, //
                               0x10, 0, 4, 0, 0xff, 0xff, 0xff, 0xff, //
                               0x20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff};
  const bool lists = ::setxattr(in("f").c_str(), "system.posix_acl_access", acl,
                                sizeof acl, 0) == 0;
  REQUIRE(write("f", "new").has_value());
  CHECK(xattr(in("f"), "user.note") == "kept");
  if (lists)
    CHECK(xattr(in("f"), "system.posix_acl_access") ==
          std::string(reinterpret_cast<const char*>(acl), sizeof acl));
  CHECK(read_file(in("f")) == "new");
}

TEST_CASE_METHOD(writer_fixture, "a replaced file keeps its owner", "[root]") {
  if (::geteuid() != 0)
    return skip("only root gives files away");
  write_file(in("f"), "old", 0640);
  REQUIRE(::chown(in("f").c_str(), 1234, 5678) == 0);
  REQUIRE(write("f", "new").has_value());
  struct stat status {};
  REQUIRE(::stat(in("f").c_str(), &status) == 0);
  CHECK(status.st_uid == 1234);
  CHECK(status.st_gid == 5678);
  CHECK(mode_of(in("f")) == 0640);
}

TEST_CASE_METHOD(writer_fixture,
                 "a file that may not be written is not "
                 "replaced either",
                 "[root]") {
  if (::geteuid() != 0)
    return skip("only root becomes another user");
  write_file(in("f"), "old", 0444);
  write_file(in("g"), "old", 0664);
  REQUIRE(::chmod((*this)("").c_str(), 0755) == 0);
  REQUIRE(::chown(in("").c_str(), 65534, 65534) == 0);
  REQUIRE(::chown(in("f").c_str(), 65534, 65534) == 0);
  REQUIRE(::chown(in("g").c_str(), 0, 65534) == 0);
  CHECK(in_child([&] {
          if (::setresgid(65534, 65534, 65534) != 0 ||
              ::setresuid(65534, 65534, 65534) != 0)
            return 99;
          if (write("f", "new").error() != os_error(EACCES))
            return 1;
          if (read_file(in("f")) != "old")
            return 2;
          // Another owner's, which we may write: ours afterwards.
          const auto info = write("g", "new");
          if (!info || info->mode != 0664)
            return 3;
          if (!write("h", "new")) // and without any capability
            return 4;
          return names_in(in("")).size() == 3 ? 0 : 5;
        }) == 0);
}

// -- conditions ---------------------------------------------------------------

TEST_CASE_METHOD(writer_fixture, "only a new file, and only an existing one") {
  write_condition fresh;
  fresh.only_new = true;
  write_condition existing;
  existing.only_existing = true;
  CHECK(write("f", "x", with(existing)).error() == os_error(ENOENT));
  CHECK(write("f", "one", with(fresh)).has_value());
  CHECK(write("f", "two", with(fresh)).error() == os_error(EEXIST));
  CHECK(read_file(in("f")) == "one");
  CHECK(write("f", "two", with(existing)).has_value());
  CHECK(read_file(in("f")) == "two");
}

TEST_CASE_METHOD(writer_fixture, "a name that is taken gets a number") {
  write_options numbered;
  numbered.condition.only_new = true;
  numbered.number_if_taken = true;
  // Both begin before either is there.
  auto first =
      file_writer::begin(workspace, "a.tar.gz", numbered, *pending).value();
  auto second =
      file_writer::begin(workspace, "a.tar.gz", numbered, *pending).value();
  REQUIRE_FALSE(first.write("first"));
  REQUIRE_FALSE(second.write("second"));
  REQUIRE(first.commit().has_value());
  REQUIRE(second.commit().has_value());
  CHECK(first.name() == "a.tar.gz");
  CHECK(second.name() == "a.tar_1.gz");
  CHECK(read_file(in("a.tar.gz")) == "first");
  CHECK(read_file(in("a.tar_1.gz")) == "second");
  REQUIRE(write(".env", "old").has_value());
  auto third =
      file_writer::begin(workspace, ".env", numbered, *pending).value();
  REQUIRE(third.commit().has_value());
  CHECK(third.name() == ".env_1");
  CHECK_FALSE(third.replaces());
}

TEST_CASE_METHOD(writer_fixture, "only certain versions, and certain others") {
  write_condition condition;
  condition.versions = {"1-2-3"};
  CHECK(write("f", "x", with(condition)).error() == errc::changed);
  condition.only_existing = true;
  CHECK(write("f", "x", with(condition)).error() == errc::changed);
  write_file(in("f"), "one");
  CHECK(write("f", "x", with(condition)).error() == errc::changed);
  condition.versions = {"1-2-3", version("f")};
  CHECK(write("f", "two", with(condition)).has_value());
  CHECK(write("f", "x", with(condition)).error() == errc::changed);
  write_condition not_this;
  not_this.not_versions = {version("f")};
  CHECK(write("f", "x", with(not_this)).error() == errc::changed);
  CHECK(read_file(in("f")) == "two");
  not_this.not_versions = {"1-2-3"};
  CHECK(write("f", "three", with(not_this)).has_value());
  CHECK(write("g", "three", with(not_this)).has_value());
}

TEST_CASE_METHOD(writer_fixture, "a condition is asked again at the end") {
  write_file(in("f"), "one");
  write_condition condition;
  condition.versions = {version("f")};
  auto writer =
      file_writer::begin(workspace, "f", with(condition), *pending).value();
  REQUIRE(!writer.write("two"));
  write_file(in("f"), "somebody else's");
  CHECK(writer.commit().error() == errc::changed);
  CHECK(read_file(in("f")) == "somebody else's");
  write_condition fresh;
  fresh.only_new = true;
  auto maker =
      file_writer::begin(workspace, "g", with(fresh), *pending).value();
  write_file(in("g"), "somebody else's");
  CHECK(maker.commit().error() == os_error(EEXIST));
  CHECK(names_in(in("")) == std::vector<std::string>{"f", "g"});
}

TEST_CASE_METHOD(writer_fixture, "what came or went meanwhile is no obstacle "
                                 "where nothing was asked") {
  auto writer = file_writer::begin(workspace, "f", {}, *pending).value();
  REQUIRE(!writer.write("mine"));
  write_file(in("f"), "somebody else's", 0600);
  CHECK(writer.commit().value().mode == 0600);
  CHECK(read_file(in("f")) == "mine");
  writer = file_writer::begin(workspace, "f", {}, *pending).value();
  REQUIRE(::unlink(in("f").c_str()) == 0);
  CHECK(writer.commit().value().mode == 0600);
  CHECK(read_file(in("f")) == "");
}

// -- targets ------------------------------------------------------------------

TEST_CASE_METHOD(writer_fixture, "what is no file is refused") {
  make_folder_at(in("folder"));
  REQUIRE(::mkfifo(in("fifo").c_str(), 0666) == 0);
  make_link("folder", in("to-folder"));
  make_link("fifo", in("to-fifo"));
  make_link("..", in("up"));
  CHECK(write("folder", "x").error() == os_error(EISDIR));
  CHECK(write("folder/", "x").error() == os_error(EISDIR));
  CHECK(write("to-folder", "x").error() == os_error(EISDIR));
  CHECK(write("fifo", "x").error() == errc::not_a_file);
  CHECK(write("to-fifo", "x").error() == errc::not_a_file);
  CHECK(write("up", "x").error() == os_error(EISDIR));
  CHECK(write("", "x").error() == os_error(EINVAL));
  CHECK(write("none/f", "x").error() == os_error(ENOENT));
  CHECK(write("fifo/f", "x").error() == os_error(ENOTDIR));
  auto writer = file_writer::begin(workspace, "f", {}, *pending).value();
  make_folder_at(in("f"));
  CHECK(writer.commit().error() == os_error(EISDIR));
  writer = file_writer::begin(workspace, "g", {}, *pending).value();
  make_link("fifo", in("g"));
  CHECK(writer.commit().error() == os_error(EAGAIN));
  CHECK(pending_below(in("")) == 0);
}

TEST_CASE_METHOD(writer_fixture, "a link stays, and what it leads to is "
                                 "replaced") {
  make_folder_at(in("d"));
  write_file(in("d/f"), "old", 0640);
  make_link("d/f", in("l"));
  make_link("../l", in("d/twice"));
  make_link("d/none", in("dangling"));
  for (const auto how : resolvers) {
    const auto where = root(how);
    REQUIRE(write(where, "l", "one").has_value());
    CHECK(read_file(in("d/f")) == "one");
    REQUIRE(write(where, "d/twice", "two").has_value());
    CHECK(read_file(in("d/f")) == "two");
    CHECK(mode_of(in("d/f")) == 0640);
    REQUIRE(write(where, "dangling", "made").has_value());
    CHECK(read_file(in("d/none")) == "made");
    REQUIRE(::unlink(in("d/none").c_str()) == 0);
    CHECK(names_in(in("d")) == std::vector<std::string>{"f", "twice"});
  }
  struct stat status {};
  CHECK(::lstat(in("l").c_str(), &status) == 0);
  CHECK(S_ISLNK(status.st_mode));
}

TEST_CASE_METHOD(writer_fixture, "a link that leads outside is refused") {
  write_file((*this)("secret"), "untouched");
  make_folder_at(in("d"));
  make_link("../secret", in("out"));
  make_link((*this)("secret"), in("absolute"));
  make_link(in("d"), in("absolute-inside"));
  make_link("../../secret", in("d/out"));
  make_link("loop", in("loop"));
  for (const auto how : resolvers) {
    const auto where = root(how);
    for (const char* path : {"out", "absolute", "absolute-inside", "d/out",
                             "absolute-inside/f", "../secret"}) {
      INFO(path);
      CHECK(write(where, path, "x").error() == os_error(EXDEV));
    }
    CHECK(write(where, "loop", "x").error() == os_error(ELOOP));
  }
  CHECK(read_file((*this)("secret")) == "untouched");
  CHECK(names_in((*this)("")) ==
        std::vector<std::string>{"pending", "root", "secret"});
}

TEST_CASE_METHOD(writer_fixture, "folders on the way are made when asked") {
  write_options options;
  options.create_folders = true;
  options.durable = true;
  make_link("d", in("l"));
  CHECK(write("a/b/c/f", "x", options).has_value());
  CHECK(read_file(in("a/b/c/f")) == "x");
  CHECK(write("a//b/../e/./f", "y", options).has_value());
  CHECK(read_file(in("a/e/f")) == "y");
  CHECK(write("a/b/c/f/g", "x", options).error() == os_error(ENOTDIR));
  CHECK(write("../out/f", "x", options).error() == os_error(EXDEV));
  CHECK(write("a/../../out/f", "x", options).error() == os_error(EXDEV));
  CHECK(write("l/f", "x", options).error() == os_error(ENOENT)); // dangling
  CHECK(names_in((*this)("")) == std::vector<std::string>{"pending", "root"});
}

// -- disks --------------------------------------------------------------------

TEST_CASE_METHOD(writer_fixture, "a file over the size limit leaves the old") {
  write_file(in("f"), "old");
  CHECK(in_child([&] {
          ::signal(SIGXFSZ, SIG_IGN);
          const rlimit none{1000, 1000};
          ::setrlimit(RLIMIT_FSIZE, &none);
          auto writer = file_writer::begin(workspace, "f", {}, *pending);
          if (!writer || writer->write(std::string(900, 'x')))
            return 1;
          if (writer->write(std::string(900, 'x')) != os_error(EFBIG))
            return 2;
          // It is a part now, and stays one.
          if (writer->write("") != os_error(EFBIG))
            return 3;
          return writer->commit().error() == os_error(EFBIG) ? 0 : 4;
        }) == 0);
  CHECK(read_file(in("f")) == "old");
  CHECK(pending_below(in("")) == 0);
}

TEST_CASE_METHOD(writer_fixture,
                 "a full disk leaves the old content and no "
                 "file for a moment",
                 "[root]") {
  make_folder_at(in("disk"));
  const small_disk disk(in("disk"), "64k");
  if (!disk.mounted())
    return skip("mounting needs root");
  const std::string old(20'000, 'o');
  write_file(in("disk/f"), old);
  for (const bool durable : {false, true}) {
    write_options options;
    options.durable = durable;
    for (int round = 0; round < 20; ++round) {
      CHECK(write("disk/f", std::string(60'000, 'n'), options).error() ==
            os_error(ENOSPC));
      CHECK(write("disk/g", std::string(60'000, 'n'), options).error() ==
            os_error(ENOSPC));
    }
    CHECK((read_file(in("disk/f")) == old));
    CHECK(names_in(in("disk")) == std::vector<std::string>{"f"});
    // What the failed ones took is free again.
    CHECK(write("disk/f", old, options).has_value());
  }
}

} // namespace outrigger::os::test
