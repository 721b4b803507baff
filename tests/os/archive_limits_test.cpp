// How much an archive may be when it is unpacked.
#include "actors/os/error.hpp"
#include "tests/os/archive_fixture.hpp"

#include <catch2/catch.hpp>

#include <filesystem>

namespace outrigger::os::test {

namespace fs = std::filesystem;

using limited = archive_fixture;

TEST_CASE_METHOD(limited, "a bomb is refused before it is unpacked") {
  extract_options options;
  options.limits.max_bytes = 4 << 20;
  const std::string zeros((4 << 20) + 1, '\0');
  const auto tar = gzip_bytes(tar_bytes({{"a", "fine"}, {"zeros", zeros}}));
  const auto zip = zip_bytes({{"a", "fine"}, {"zeros", zeros, true}});
  for (const auto* bomb : {&tar, &zip}) {
    refuses(*bomb, "\"zeros\" makes it more than 4194304 bytes",
            errc::archive_limit, options);
    refuses(*bomb, "\"zeros\" makes it more than 200 times the archive",
            errc::archive_limit);
  }
  // Together.
  options.limits.max_bytes = 10;
  refuses(tar_bytes({{"a", "12345"}, {"b", "12345"}, {"c", "1"}}),
          "\"c\" makes it more than 10 bytes", errc::archive_limit, options);
  CHECK(!unpack(tar_bytes({{"a", "12345"}, {"b", "12345"}}), "ten", options)
             .error);
}

TEST_CASE_METHOD(limited, "sizes are asked before there is anything of them") {
  tar_entry entry{"x", ""};
  entry.size = 077777777777;
  refuses(tar_member(entry), "\"x\" makes it more than 2147483648 bytes",
          errc::archive_limit);
  refuses(pax_bytes({"size=5000000000"}) + tar_member({"x", ""}),
          "\"x\" makes it more than", errc::archive_limit);
  refuses(pax_bytes({"size=9223372036854775807"}) + tar_member({"x", ""}),
          "size attribute");
  refuses(pax_bytes({"GNU.sparse.major=1", "GNU.sparse.minor=0",
                     "GNU.sparse.realsize=9223372036854775807"}) +
              tar_bytes({{"x", std::string("1\n0\n1\n").append(506, '\0')}}),
          "makes it more than", errc::archive_limit);
  refuses(pax_bytes({"GNU.sparse.map=0,1,1000000,1", "GNU.sparse.size=5"}) +
              tar_bytes({{"x", "12"}}),
          "\"x\" is larger than it says");
  refuses(pax_bytes({"size=-5"}) + tar_bytes({{"x", "12"}}), "");
}

TEST_CASE_METHOD(limited, "few bytes may be packed as well as they can be") {
  const std::string zeros((1 << 20) - 10, '\0');
  CHECK(!unpack(gzip_bytes(tar_bytes({{"x", zeros}}), 9)).error);
  CHECK(fs::file_size(in("new/x")) == zeros.size());
}

TEST_CASE_METHOD(limited, "there are not too many entries") {
  extract_options options;
  options.limits.max_members = 3;
  const std::vector<tar_entry> three = {
      {"d/", "", '5'}, {"x", "x"}, {"l", "", '2', "x"}};
  CHECK(!unpack(tar_bytes(three), "three", options).error);
  auto four = three;
  four.push_back({"d/", "", '5'});
  refuses(tar_bytes(four), "the archive has more than 3 entries",
          errc::archive_limit, options);
  refuses(zip_bytes({{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}}),
          "has more than 3 entries", errc::archive_limit, options);
}

TEST_CASE_METHOD(limited, "200,000 entries are refused as they are") {
  std::string bytes;
  for (int i = 0; i < 200'000; ++i)
    bytes += tar_member({"d" + std::to_string(i % 100) + "/", "", '5'});
  const auto tried = unpack(gzip_bytes(bytes + tar_end, 1));
  CHECK(tried.error == errc::archive_limit);
  CHECK(tried.complaint == "the archive has more than 50000 entries");
  CHECK(names_in(in("")).empty());
}

TEST_CASE_METHOD(limited, "folders count that are only on the way") {
  extract_options options;
  options.limits.max_folders = 5;
  CHECK(!unpack(tar_bytes({{"a/b/c/d/x", "x"}, {"a/e/", "", '5'}}), "five",
                options)
             .error);
  // Those that are there already are not made again.
  CHECK(!unpack(tar_bytes({{"a/b/c/d/e/x", "x"}, {"a/b/", "", '5'}}), "again",
                options)
             .error);
  refuses(tar_bytes({{"a/b/c/d/x", "x"}, {"a/e/f/x", "x"}}),
          "the archive has too many folders", errc::archive_limit, options);
  refuses(tar_bytes({{"a/b/c/d/e/f/", "", '5'}}),
          "the archive has too many folders", errc::archive_limit, options);
  // A few bytes, packed, for each.
  options.limits.max_folders = 1000;
  std::string way;
  for (int i = 0; i < 50; ++i)
    way += "d/";
  std::string bytes;
  for (int i = 0; i < 20; ++i)
    bytes += tar_member({std::to_string(i) + "/" + way + "x", ""});
  refuses(gzip_bytes(bytes + tar_end), "the archive has too many folders",
          errc::archive_limit, options);
}

TEST_CASE_METHOD(limited, "names are not too long, and not too deep") {
  std::string deep;
  for (int i = 0; i < 64; ++i)
    deep += "d/";
  CHECK(!unpack(tar_bytes({{deep, "", '5'}}), "deep").error);
  refuses(tar_bytes({{deep + "x", "x"}}), "is more than 64 folders deep",
          errc::archive_limit);
  refuses(zip_bytes({{deep + "x", "x"}}), "is more than 64 folders deep",
          errc::archive_limit);
  std::string name(200, 'n');
  for (int i = 0; i < 4; ++i)
    name += "/" + std::string(200, 'n');
  CHECK(!unpack(tar_bytes({{name, "x"}}), "long").error);
  name += "/" + std::string(20, 'n');
  refuses(tar_bytes({{name, "x"}}), "has a name of more than 1024 bytes",
          errc::archive_limit);
  refuses(zip_bytes({{name, "x"}}), "has a name of more than 1024 bytes",
          errc::archive_limit);
  refuses(tar_bytes({{std::string(256, 'n'), "x"}}),
          "has a part of more than 255 bytes", errc::archive_limit);
}

TEST_CASE_METHOD(limited, "headers are not without end") {
  // Holes that nothing but memory would ever come of.
  std::string map = "10000000\n";
  while (map.size() < 8 << 20)
    map += "0\n0\n";
  map.resize((map.size() + 511) / 512 * 512);
  const auto pax = pax_bytes(
      {"GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=1"});
  refuses(gzip_bytes(pax + tar_bytes({{"x", map}})), "headers of more than",
          errc::archive_limit);
  std::string headers;
  for (int i = 0; i < 5000; ++i)
    headers += pax_bytes({"comment=" + std::string(900, 'c')});
  refuses(gzip_bytes(headers + tar_bytes({{"x", "x"}})), "");
  refuses(tar_member({"././@LongLink", std::string(2 << 20, 'n'), 'L'}) +
              tar_bytes({{"x", "x"}}),
          "");
}

TEST_CASE_METHOD(limited, "nothing comes of nothing for long") {
  const auto nothing = gzip_bytes("");
  std::string bytes;
  while (bytes.size() < 6 << 20)
    bytes += nothing;
  refuses(bytes + gzip_bytes(tar_bytes({{"x", "x"}})), "has nothing in it");
  // What follows the end is unpacked to be checked, and not without end either.
  extract_options options;
  options.limits.max_members = 1;
  options.limits.max_bytes = 1 << 20;
  const auto tail = gzip_bytes(tar_end + std::string(16 << 20, '\0'));
  refuses(tail, "is too large when it is unpacked", errc::archive_limit,
          options);
}

TEST_CASE_METHOD(limited, "unpacking does not take any memory it likes") {
  write_file(in("tar"), tar_bytes({{"x", "x"}}));
  // From a pipe, zstd does not know that a small window would do.
  for (const std::string packer :
       {"xz -9", "zstd -19", "zstd --ultra -21", "bzip2 -9"}) {
    INFO(packer);
    run("cat " + in("tar") + " | " + packer + " -c >" + in("packed"));
    CHECK(!unpack(read_file(in("packed")).value(), packer).error);
  }
  for (const std::string packer : {"xz --lzma2=dict=512MiB", "zstd --ultra -22",
                                   "zstd --ultra -22 --long=30"}) {
    INFO(packer);
    run("cat " + in("tar") + " | " + packer + " -c >" + in("packed"));
    const auto tried = unpack(read_file(in("packed")).value());
    CHECK(tried.error == errc::archive_limit);
    CHECK(tried.complaint == "the archive takes too much memory to unpack");
  }
}

TEST_CASE_METHOD(limited, "links are not without number") {
  std::vector<tar_entry> links;
  for (int i = 0; i < 1100; ++i)
    links.push_back({std::to_string(i), "", '2', std::string(4000, 't')});
  const auto tried = unpack(gzip_bytes(tar_bytes(links)));
  CHECK(tried.error == errc::archive_limit);
  CHECK(tried.complaint == "the archive has too many links");
  CHECK(names_in(in("")).empty());
}

TEST_CASE_METHOD(limited, "a full disk leaves nothing behind") {
  make_folder_at(in("disk"));
  const small_disk disk(in("disk"), "64k");
  if (!disk.mounted()) {
    WARN("skipped: this process may not mount");
    return;
  }
  const auto tried =
      unpack(tar_bytes({{"x", std::string(200'000, 'x')}}), "disk/new");
  CHECK(tried.error == os_error(ENOSPC));
  CHECK(tried.complaint == "\"x\" cannot be written: No space left on device");
  CHECK(names_in(in("disk")).empty());
}

} // namespace outrigger::os::test
