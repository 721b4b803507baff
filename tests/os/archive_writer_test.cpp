// Packing: what goes in, what is passed over, what happens meanwhile.
#include "actors/os/error.hpp"
#include "tests/os/archive_fixture.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace outrigger::os::test {

namespace fs = std::filesystem;

namespace {

struct packing : archive_fixture {
  packing() {
    make_folder_at(in("app"));
    write_file(in("app/a"), "a");
  }

  result<archive_writer> begin(const std::string& path,
                               archive_options options = {}) {
    return archive_writer::begin({{workspace, path}}, std::move(options));
  }

  /// The names in what is packed, as tar lists them.
  std::string names_of(const std::string& bytes) {
    write_file((*this)("made.tgz"), bytes);
    run("tar tzf " + (*this)("made.tgz") + " >" + (*this)("names"));
    return read_file((*this)("names")).value();
  }
};

std::string rest_of(archive_writer& writer) {
  std::string whole;
  for (;;) {
    const auto piece = writer.produce();
    REQUIRE(piece.has_value());
    if (piece->empty())
      return whole;
    whole += *piece;
  }
}

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  unsigned value = 1;
  for (auto& byte : bytes)
    byte = static_cast<char>((value = value * 1103515245 + 12345) >> 16);
  return bytes;
}

} // namespace

TEST_CASE_METHOD(packing, "what is excluded is not in it, with what is below") {
  make_folder_at(in("app/node_modules"));
  write_file(in("app/node_modules/x"), "x");
  write_file(in("app/b.log"), "b");
  write_file(in("app/.outrigger-0123.tmp"), "being written");
  std::vector<std::string> asked;
  archive_options options;
  options.exclude = [&](std::string_view path, bool is_folder) {
    asked.emplace_back(path);
    return (is_folder && path == "node_modules") || path.ends_with(".log");
  };
  CHECK(names_of(pack({"app"}, options)) == "app/\napp/a\n");
  CHECK(std::count(asked.begin(), asked.end(), "node_modules/x") == 0);
  CHECK(std::count(asked.begin(), asked.end(), "a") == 1);
}

TEST_CASE_METHOD(packing, "what is no file is passed over and told") {
  REQUIRE(::mkfifo(in("app/fifo").c_str(), 0600) == 0);
  const unique_fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto path = in("app/socket");
  REQUIRE(path.size() < sizeof address.sun_path);
  std::copy(path.begin(), path.end(), address.sun_path);
  REQUIRE(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address),
                 sizeof address) == 0);
  auto writer = begin("app");
  REQUIRE(writer.has_value());
  CHECK(names_of(rest_of(*writer)) == "app/\napp/a\n");
  const auto& over = writer->left_out();
  CHECK(over.count == 2);
  REQUIRE(over.first.size() == 2);
  CHECK(over.first[0].name == "app/fifo");
  CHECK(over.first[0].why == errc::not_a_file);
  CHECK(over.first[1].name == "app/socket");
}

TEST_CASE_METHOD(packing, "a source that is not there is an error at once") {
  CHECK(begin("no").error() == os_error(ENOENT));
  CHECK(begin("../outside").error() == os_error(EXDEV));
  CHECK(begin("app/..").error() == os_error(EINVAL));
  CHECK(begin("app/a/.").error() == os_error(ENOTDIR));
  REQUIRE(::mkfifo(in("fifo").c_str(), 0600) == 0);
  CHECK(begin("fifo").error() == errc::not_a_file);
  make_link("/etc", in("etc"));
  CHECK(begin("etc/passwd").error() == os_error(EXDEV));
  CHECK(begin("etc/.").error() == os_error(EXDEV));
}

TEST_CASE_METHOD(packing, "links are in it as links, not what they lead to") {
  make_link("/etc/passwd", in("app/out"));
  make_link("app", in("to_app"));
  write_file((*this)("made.tgz"), pack({"app", "to_app"}));
  make_folder_at((*this)("back"));
  run("tar xzf " + (*this)("made.tgz") + " -C " + (*this)("back"));
  CHECK(fs::read_symlink((*this)("back/app/out")) == "/etc/passwd");
  CHECK(fs::read_symlink((*this)("back/to_app")) == "app");
  // Behind a link, when the path says so.
  CHECK(names_of(pack({"to_app/."})) == "./\n./a\n./out\n");
  CHECK(names_of(pack({"to_app/a"})) == "a\n");
}

TEST_CASE_METHOD(packing, "the root itself has its folder's name") {
  CHECK(names_of(pack({""})) == "root/\nroot/app/\nroot/app/a\n");
  CHECK(names_of(pack({"."})) == "./\n./app/\n./app/a\n");
}

TEST_CASE_METHOD(packing, "what is kept closed is not in it") {
  make_folder_at(in("app/secret"));
  write_file(in("app/secret/token"), "token");
  workspace.keep_closed({in("app/secret")});
  CHECK(names_of(pack({"app"})) == "app/\napp/a\n");
  CHECK(begin("app/secret").error() == os_error(EACCES));
}

TEST_CASE_METHOD(packing,
                 "a file that changes meanwhile is as long as it was") {
  const auto old = random_bytes(2'000'000);
  const auto [size, expected] = GENERATE_REF(table<std::size_t, std::size_t>(
      {{0, 2'000'000}, {700'000, 2'000'000}, {3'000'000, 2'000'000}}));
  write_file(in("app/b"), old);
  auto writer = begin("app/b");
  REQUIRE(writer.has_value());
  auto bytes = writer->produce().value(); // it is open now
  REQUIRE(::truncate(in("app/b").c_str(), static_cast<off_t>(size)) == 0);
  bytes += rest_of(*writer);
  CHECK(!unpack(bytes, "back").error);
  const auto back = read_file(in("back/b")).value();
  REQUIRE(back.size() == expected);
  if (size >= old.size()) {
    CHECK(back == old);
    return;
  }
  // Zeros from where it ended, or from where it was read by then.
  const auto same = static_cast<std::size_t>(
      std::mismatch(back.begin(), back.end(), old.begin()).first -
      back.begin());
  CHECK(same >= size);
  CHECK(back.find_first_not_of('\0', std::max<std::size_t>(size, same)) ==
        std::string::npos);
}

TEST_CASE_METHOD(packing, "pieces come one by one, and none is large") {
  write_file(in("app/random"), random_bytes(3'000'000));
  auto writer = begin("app");
  REQUIRE(writer.has_value());
  std::vector<std::size_t> sizes;
  for (;;) {
    const auto piece = writer->produce();
    REQUIRE(piece.has_value());
    if (piece->empty())
      break;
    sizes.push_back(piece->size());
    CHECK(piece->size() <= 512 * 1024);
  }
  CHECK(sizes.size() > 8);
  CHECK(std::all_of(sizes.begin(), sizes.end() - 1,
                    [](auto size) { return size >= 128 * 1024; }));
  CHECK(writer->produce().value().empty()); // and stays so
}

TEST_CASE_METHOD(packing, "what packs well comes in pieces as well") {
  run("truncate -s 100M " + in("app/zeros"));
  auto writer = begin("app");
  REQUIRE(writer.has_value());
  std::size_t pieces = 0;
  std::string whole;
  for (; pieces < 1000; ++pieces) {
    const auto piece = writer->produce();
    REQUIRE(piece.has_value());
    if (piece->empty())
      break;
    whole += *piece;
  }
  CHECK(pieces >= 25); // of 4 MiB each
  write_file((*this)("made.tgz"), whole);
  run("tar xzOf " + (*this)("made.tgz") + " app/zeros | cmp - " +
      in("app/zeros"));
}

TEST_CASE_METHOD(packing, "a folder deeper than any path is packed as far") {
  // As deep as names can be given; each folder is opened from the one above.
  std::string path = in("app");
  for (int i = 0; i < 200; ++i) {
    path += "/d" + std::to_string(i);
    make_folder_at(path);
  }
  write_file(path + "/end", "end");
  const auto names = names_of(pack({"app"}));
  CHECK(std::count(names.begin(), names.end(), '\n') == 203);
  CHECK(open_descriptors() < 60);
}

TEST_CASE_METHOD(packing, "times before 1970 and far away are no trouble") {
  const auto seconds = GENERATE(-1000, 0, 4'000'000'000);
  const timespec times[2] = {{0, UTIME_OMIT}, {seconds, 0}};
  REQUIRE(::utimensat(AT_FDCWD, in("app/a").c_str(), times, 0) == 0);
  CHECK(!unpack(pack({"app"}), "back").error);
  struct stat status {};
  REQUIRE(::stat(in("back/app/a").c_str(), &status) == 0);
  CHECK(status.st_mtim.tv_sec == std::max<std::int64_t>(seconds, 0));
}

} // namespace outrigger::os::test
