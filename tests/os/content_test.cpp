// What is in a file: digests and types.
#include "actors/os/file_rules.hpp"
#include "actors/os/files/content.hpp"
#include "actors/os/files/file_read.hpp"
#include "actors/os/files/mime_endings.hpp"
#include "actors/os/sandbox.hpp"
#include "tests/os/file_tree.hpp"
#include "tests/os/forked_child.hpp"
#include "tests/os/skip.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>

#include <algorithm>
#include <thread>

namespace outrigger::os::test {

using namespace std::string_literals;

namespace {

std::string digest(const file_tree& tree, digest_kind kind) {
  const auto file = open_regular(tree.root(), "f");
  REQUIRE(file.has_value());
  return digest_of(file->fd.get(), kind, {}).value();
}

} // namespace

TEST_CASE("digests are those of the standards") {
  const file_tree tree;
  write_file(tree.in("f"), "abc");
  CHECK(digest(tree, digest_kind::sha256) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(digest(tree, digest_kind::sha1) ==
        "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(digest(tree, digest_kind::md5) == "900150983cd24fb0d6963f7d28e17f72");
  write_file(tree.in("f"), "");
  CHECK(digest(tree, digest_kind::sha256) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  write_file(tree.in("f"), std::string(1'000'000, 'a')); // several pieces
  CHECK(digest(tree, digest_kind::sha256) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("a digest does not depend on where the file was read before") {
  const file_tree tree;
  write_file(tree.in("f"), "abc");
  const auto file = open_regular(tree.root(), "f");
  REQUIRE(file.has_value());
  char byte = 0;
  REQUIRE(::read(file->fd.get(), &byte, 1) == 1);
  CHECK(digest_of(file->fd.get(), digest_kind::md5, {}).value() ==
        "900150983cd24fb0d6963f7d28e17f72");
}

TEST_CASE("a digest stops when it is asked to, and fails with the disk") {
  const file_tree tree;
  write_file(tree.in("f"), "abc");
  const auto file = open_regular(tree.root(), "f");
  REQUIRE(file.has_value());
  std::stop_source stop;
  stop.request_stop();
  CHECK(
      digest_of(file->fd.get(), digest_kind::sha1, stop.get_token()).error() ==
      os_error(ECANCELED));
  const auto folder = tree.root().open("", O_RDONLY | O_DIRECTORY);
  REQUIRE(folder.has_value());
  CHECK(digest_of(folder->get(), digest_kind::sha1, {}).error() ==
        os_error(EISDIR));
}

TEST_CASE("binary is what has a NUL where git looks") {
  CHECK(!is_binary(""));
  CHECK(!is_binary("text\xff"));
  CHECK(is_binary("a\0b"s));
  CHECK(is_binary(std::string(7999, 'x') + '\0'));
  CHECK(!is_binary(std::string(8000, 'x') + '\0'));
}

TEST_CASE("a type is told by the name where that says more") {
  CHECK(mime_type_of("a.ts", "export const a = 1;\n") ==
        "text/typescript; charset=utf-8");
  CHECK(mime_type_of("README.MD", "<html>") == "text/markdown; charset=utf-8");
  CHECK(mime_type_of("src/a.css", "a{}") == "text/css; charset=utf-8");
  CHECK(mime_type_of("a.txt", "<html>") == "text/plain; charset=utf-8");
  CHECK(mime_type_of("a.js", "") == "text/javascript; charset=utf-8");
  CHECK(mime_type_of("a.tar.html", "x") == "text/html; charset=utf-8");
  CHECK(mime_type_of("a.csv", "a,b\n") == "text/csv; charset=utf-8");
  CHECK(mime_type_of("d.ts/Makefile", "a:\n") ==
        "text/x-makefile; charset=utf-8");
  // These say their charset themselves.
  CHECK(mime_type_of("a.json", R"({"a":1,"b)") == "application/json");
  CHECK(mime_type_of("a.svg", "<svg/>") == "image/svg+xml");
  CHECK(mime_type_of("a.yml", "a: 1") == "application/yaml");
  CHECK(mime_type_of("Cargo.toml", "[a]") == "application/toml");
}

TEST_CASE("a type is told by the content otherwise") {
  CHECK(mime_type_of("a", "hello\n") == "text/plain; charset=utf-8");
  CHECK(mime_type_of("a", "") == "text/plain; charset=utf-8");
  CHECK(mime_type_of("a", "x") == "text/plain; charset=utf-8");
  CHECK(mime_type_of("a", "#!/bin/sh\necho\n") ==
        "text/x-shellscript; charset=utf-8");
  CHECK(mime_type_of("photo.txt", "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n\0"s) ==
        "application/pdf");
  CHECK(mime_type_of("a", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1"s) ==
        "image/png");
  CHECK(mime_type_of("a.png", "\0\1\2\3"s) == "image/png");
  CHECK(mime_type_of("a.bin", "\0\1\2\3"s) == "application/octet-stream");
}

TEST_CASE("text that is not UTF-8 says what it is, or nothing") {
  CHECK(mime_type_of("a.py", "# h\xe9llo w\xf6rld\n") ==
        "text/x-python; charset=iso-8859-1");
  CHECK(mime_type_of("a", "\xff\xfeh\0i\0\n\0"s) ==
        "text/plain; charset=utf-16le");
  CHECK(mime_type_of("a.py", "# \x80\x81\xff\xfe\x90 x\n") == "text/x-python");
  // A character that the end of what was read cuts in two.
  CHECK(mime_type_of("a.py", "# h\xc3\xa9llo \xe2\x82") ==
        "text/x-python; charset=utf-8");
}

TEST_CASE("a binary file does not become text by its name") {
  CHECK(mime_type_of("film.ts", "\x47\x40\0\x10\0\0\xb0\x0d\0"s) ==
        "video/mp2t");
  CHECK(mime_type_of("a.md", "\0\0\0\0"s) == "application/octet-stream");
  CHECK(mime_type_of("a.docx", "PK\3\4\x14\0\0\0\0\0"s)
            .starts_with("application/vnd.openxml"));
}

TEST_CASE("types are told from any number of threads") {
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&right] {
      for (int round = 0; round < 50; ++round)
        right += mime_type_of("a", "#!/bin/sh\necho\n") ==
                         "text/x-shellscript; charset=utf-8"
                     ? 1
                     : 0;
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(right == 200);
}

TEST_CASE("in the sandbox libmagic finds its database") {
  if (!landlock_abi())
    return skip("this kernel has no Landlock");
  CHECK(in_child([] {
          if (enter_sandbox(system_plan()).landlock_abi == 0)
            return 90;
          const auto type = mime_type_of("a", "#!/bin/sh\necho\n");
          return type == "text/x-shellscript; charset=utf-8" ? 0 : 1;
        }) == 0);
}

} // namespace outrigger::os::test
