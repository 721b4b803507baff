// Archives that are refused: whole, with a reason, and without a trace.
#include "actors/os/error.hpp"
#include "tests/os/archive_fixture.hpp"

#include <catch2/catch.hpp>

namespace outrigger::os::test {

using hostile = archive_fixture;

namespace {

std::string tar_of(const tar_entry& entry) {
  return tar_bytes({{"before", "fine"}, entry, {"after", "fine"}});
}

std::string zip_of(const zip_entry& entry) {
  return zip_bytes({{"before", "fine"}, entry, {"after", "fine"}});
}

} // namespace

TEST_CASE_METHOD(hostile, "names that lead outside are refused") {
  for (const std::string name :
       {"../x", "..", "a/../../x", "a/..", "./../x", "a/b/../c"}) {
    refuses(tar_of({name, "x"}), "\"" + name + "\" leads outside");
    refuses(zip_of({name, "x"}), "\"" + name + "\" leads outside");
    refuses(tar_of({name, "", '5'}), "leads outside");
  }
  for (const std::string name : {"/x", "//x", "/"}) {
    refuses(tar_of({name, "x"}), "is an absolute name");
    refuses(zip_of({name, "x"}), "is an absolute name");
  }
  refuses(pax_bytes({"path=../x"}) + tar_of({"x", "x"}), "leads outside");
  const std::string deep = "a/" + std::string(200, 'b') + "/../../../x";
  refuses(tar_of({deep, "x"}), "leads outside");
}

TEST_CASE_METHOD(hostile, "names that are none are refused") {
  refuses(tar_of({"", "x"}), "is an empty name");
  refuses(zip_of({"", "x"}), "is an empty name");
  refuses(tar_of({".", "x"}), "is a file without a name");
  refuses(zip_of({".", "x"}), "is a file without a name");
  refuses(tar_of({"./", "", '2', "x"}), "is a link without a name");
  refuses(tar_of({"a\\b", "x"}), "has a backslash");
  refuses(zip_of({"..\\x", "x"}), "has a backslash");
  refuses(zip_of({std::string("a\0b", 3), "x"}), "has a NUL");
}

TEST_CASE_METHOD(hostile, "nothing is written through a link") {
  make_folder_at((*this)("elsewhere"));
  refuses(tar_of({"l", "", '2', "../elsewhere"}), "that leads outside");
  refuses(tar_bytes({{"l", "", '2', "."}, {"l/x", "x"}}),
          "\"l/x\" is below something that is no folder");
  refuses(tar_bytes({{"l", "", '2', "d"}, {"d/x", ""}, {"l/x", "x"}}),
          "\"l/x\" is below");
  refuses(tar_bytes({{"l", "", '2', "d"}, {"l/x/y", "", '5'}}), "is below");
  refuses(tar_bytes({{"d", "", '5'}, {"l", "", '2', "d"}, {"l", "x"}}),
          "\"l\" is in the archive twice");
  refuses(tar_bytes({{"l", "", '2', "d"}, {"l", "", '5'}}), "twice");
  refuses(tar_bytes({{"l", "", '2', "d"}, {"l/m", "", '2', "x"}}),
          "\"l/m\" is below");
  refuses(zip_bytes({{"l", ".", false, 0120777}, {"l/x", "x"}}), "is below");
}

TEST_CASE_METHOD(hostile, "links that may lead outside are refused") {
  for (const auto& [name, target] :
       std::vector<std::pair<std::string, std::string>>{
           {"l", ".."},
           {"l", "../x"},
           {"a/l", "../../x"},
           {"a/b/l", "./.././../../x"},
           {"l", "a/../../x"}}) {
    INFO(name << " " << target);
    refuses(tar_of({name, "", '2', target}), "is a link");
    refuses(zip_of({name, target, false, 0120777}), "is a link");
  }
  refuses(tar_of({"l", "", '2', "/etc/passwd"}), "to an absolute path");
  refuses(tar_of({"l", "", '2', ""}), "is a link to no path");
  refuses(zip_of({"l", std::string("a\0b", 3), false, 0120777}),
          "is a link to no path");
  refuses(zip_of({"l", std::string(4096, 'x'), false, 0120777}),
          "is a link to no path");
  // Inside by its letters, outside by what is a link in it.
  refuses(tar_bytes({{"a/b/l", "", '2', "../.."}, {"m", "", '2', "a/b/l/.."}}),
          "\"m\" is a link with \"..\" behind a name");
}

TEST_CASE_METHOD(hostile, "what is no file, folder or link is refused") {
  refuses(tar_of({"h", "", '1', "before"}), "\"h\" is a hard link");
  refuses(tar_of({"h", "", '1', "/etc/passwd"}), "is a hard link");
  for (const char type : {'3', '4', '6'})
    refuses(tar_of({"d", "", type}), "is neither a file, a folder nor a link");
  for (const unsigned type : {0020000U, 0060000U, 0010000U, 0140000U})
    refuses(zip_of({"d", "", false, type | 0644}), "is neither");
}

TEST_CASE_METHOD(hostile, "a name that is there twice is refused") {
  refuses(tar_bytes({{"x", "1"}, {"x", "2"}}), "\"x\" is in the archive twice");
  refuses(tar_bytes({{"a/x", "1"}, {"./a//x", "2"}}), "twice");
  refuses(zip_bytes({{"x", "1"}, {"x", "2"}}), "twice");
  refuses(tar_bytes({{"a", "", '5'}, {"a", "2"}}), "twice");
  refuses(tar_bytes({{"a/b", "1"}, {"a", "2"}}), "twice");
  refuses(tar_bytes({{"a", "1"}, {"a", "", '5'}}), "twice");
  refuses(tar_bytes({{"a", "1"}, {"a/b", "2"}}),
          "\"a/b\" is below something that is no folder");
  refuses(zip_bytes({{"a", "1"}, {"a/b/c", "2"}}), "is below");
}

TEST_CASE_METHOD(hostile, "what is no archive is refused") {
  refuses("", "the archive is none that is known");
  refuses("hello", "is none that is known");
  refuses(std::string(100'000, 'x'), "is none that is known");
  refuses(gzip_bytes("hello"), "is none that is known");
  refuses(gzip_bytes(gzip_bytes(tar_bytes({{"x", "x"}}))), "is none");
  refuses("PK\3\4" + std::string(100, 'x'), "ends in the middle");
}

TEST_CASE_METHOD(hostile, "a zip whose parts do not agree is refused") {
  refuses(zip_of({"x", "x", false, 0100644, 0, "y"}),
          "two headers that say different things");
  refuses(zip_of({"x", "x", false, 0100644, 0, "xx"}), "two headers");
  refuses(zip_of({"x", "secret", false, 0100644, 1}), "\"x\" is encrypted");
  refuses(zip_of({"x", "x", false, 0100644, 1 << 6}), "is encrypted");
  refuses(zip_of({"x", "x", false, 0100644, 0, {}, 14}), "unusual method");
  refuses(zip_of({"x", "x", false, 0100644, 0, {}, {}, 7}), "is damaged");
  for (const std::uint32_t size : {0U, 1U, 99U, 101U, 0xffff'fffeU}) {
    extract_options large;
    large.limits.max_ratio = 1'000'000'000;
    large.limits.max_bytes = std::uint64_t{1} << 40;
    const std::string text(100, 'x');
    refuses(zip_of({"x", text, true, 0100644, 0, {}, {}, {}, size}), "",
            errc::bad_archive, large);
    refuses(zip_of({"x", text, false, 0100644, 0, {}, {}, {}, size}), "",
            errc::bad_archive, large);
  }
  for (const std::uint32_t offset : {1U, 41U, 100'000U, 0xffff'fffeU})
    refuses(zip_of({"x", "x", false, 0100644, 0, {}, {}, {}, {}, offset}), "");
  refuses(zip_of({"x", "x", false, 0100644, 0, {}, {}, {}, {}, 0xffff'ffffU}),
          "is damaged"); // the wide number is missing
}

TEST_CASE_METHOD(hostile, "a zip with more than one end is refused") {
  const std::vector<zip_entry> some = {{"x", "x"}, {"y", "y"}};
  refuses(zip_bytes(some) + "behind it", "ends in the middle");
  refuses(zip_bytes(some) + zip_bytes({{"z", "z"}}), "is damaged");
  refuses(zip_bytes(some, {false, "", "PK\3\4 in front", {}}), "is damaged");
  refuses(zip_bytes(some, {false, "", {}, std::uint16_t{3}}),
          "has not as many members as it says");
  refuses(zip_bytes(some, {true, "", {}, std::uint16_t{1}}), "is damaged");
  // One that is only in the comment of the other does no harm.
  CHECK(!unpack(zip_bytes(some, {false, "PK\5\6 and so on", {}, {}})).error);
}

TEST_CASE_METHOD(hostile, "an archive that was cut off is refused") {
  std::string random;
  for (unsigned i = 0, value = 1; i < 3000; ++i)
    random += static_cast<char>((value = value * 1103515245 + 12345) >> 16);
  const auto tar = tar_bytes({{"a/", "", '5'},
                              {"a/x", random},
                              {"l", "", '2', "a"},
                              {"zeros", std::string(2048, '\0')}});
  const auto packed = gzip_bytes(tar);
  const auto zip = zip_bytes({{"a/x", random, true}, {"y", random}});
  const auto wide = zip_bytes({{"x", random, true}}, {true, "", "", {}});
  for (const auto* whole : {&tar, &packed, &zip, &wide}) {
    // The second block of zeros may be missing: not everybody writes it.
    const auto end = whole == &tar ? tar.size() - 512 : whole->size();
    for (std::size_t size = 0; size < end; size += size < 600 ? 7 : 101) {
      INFO(size << " of " << whole->size());
      const auto tried = unpack(std::string_view{*whole}.substr(0, size));
      CHECK(tried.error == errc::bad_archive);
      CHECK(!tried.complaint.empty());
      CHECK(names_in(in("")).empty());
    }
    CHECK(unpack(std::string_view{*whole}.substr(0, end - 1)).error);
    CHECK(!unpack(*whole, "whole" + std::to_string(whole->size())).error);
    run("rm -r " + in("whole*"));
  }
}

TEST_CASE_METHOD(hostile, "an archive without its end is refused") {
  const auto tar = tar_bytes({{"a/", "", '5'},
                              {"a/x", std::string(1000, 'x')},
                              {"zeros", std::string(2048, '\0')}});
  // Where one block ends and the next begins nothing but the end is missing.
  for (std::size_t size = 512; size + 1024 <= tar.size(); size += 512) {
    INFO(size);
    const auto part = std::string_view{tar}.substr(0, size);
    CHECK(unpack(part).error == errc::bad_archive);
    CHECK(unpack(gzip_bytes(part)).error == errc::bad_archive);
    CHECK(names_in(in("")).empty());
  }
  refuses(std::string_view{tar}.substr(0, tar.size() - 1024),
          "the archive ends in the middle");
}

TEST_CASE_METHOD(hostile, "damage is found") {
  std::string text;
  for (int i = 0; i < 5000; ++i)
    text += std::to_string(i * i) + "\n";
  const auto packed = gzip_bytes(tar_bytes({{"x", text}}));
  const auto zip = zip_bytes({{"x", text, true}});
  // Every bit of the content counts: no byte of it may change unnoticed.
  for (const auto* whole : {&packed, &zip})
    for (std::size_t at = 60; at + 100 < whole->size(); at += 97) {
      auto damaged = *whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 4);
      INFO(at);
      const auto tried = unpack(damaged);
      CHECK(tried.error == errc::bad_archive);
      CHECK(names_in(in("")).empty());
    }
  refuses(packed + "behind", "has something behind its end");
  CHECK(!unpack(packed + std::string(100, '\0')).error);
}

} // namespace outrigger::os::test
