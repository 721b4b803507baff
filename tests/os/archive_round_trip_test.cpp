// Archives that are fine: by our own writer and by the programs people have.
#include "actors/os/error.hpp"
#include "tests/os/archive_fixture.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace outrigger::os::test {

namespace fs = std::filesystem;

namespace {

struct round_trip : archive_fixture {
  round_trip() {
    make_folder_at(in("app"));
    make_folder_at(in("app/src"));
    make_folder_at(in("app/empty"));
    make_folder_at(in("app/bin"));
    write_file(in("app/src/a.txt"), "hello\n");
    write_file(in("app/src/b.sh"), "#!/bin/sh\n", 0755);
    write_file(in("app/src/locked"), "read only", 0444);
    write_file(in("app/nothing"), "");
    write_file(in("app/zeros"), std::string(300'000, '\0'));
    write_file(in("app/.hidden"), "x", 0600);
    make_link("../src/b.sh", in("app/bin/b"));
    make_link("nowhere", in("app/broken"));
    // One accent as one character, and as two.
    write_file(in("app/caf\xc3\xa9"), "composed");
    write_file(in("app/cafe\xcc\x81"), "not composed");
    const std::string deep = "app/" + std::string(120, 'd');
    make_folder_at(in(deep));
    write_file(in(deep + "/" + std::string(150, 'n')), "long");
    make_link(std::string(130, 't'), in("app/long_link"));
    const timespec times[2] = {{0, UTIME_OMIT}, {1'600'000'000, 0}};
    REQUIRE(::utimensat(AT_FDCWD, in("app/src/a.txt").c_str(), times, 0) == 0);
  }

  void is_back(const std::string& folder) const {
    CHECK(contents_of(in(folder)) == contents_of(in("app")));
    struct stat status {};
    REQUIRE(::stat(in(folder + "/src/a.txt").c_str(), &status) == 0);
    CHECK(status.st_mtim.tv_sec == 1'600'000'000);
  }

  /// What a program wrote to root/made.
  unpacking unpack_made(std::string_view destination) {
    return unpack(read_file(in("made")).value(), destination);
  }
};

} // namespace

TEST_CASE_METHOD(round_trip, "what we pack we unpack as it was") {
  const auto done = unpack(pack({"app/."}), "back");
  CHECK(!done.error);
  CHECK(done.complaint.empty());
  is_back("back");
  CHECK(done.done.files == 12);
  CHECK(done.done.listed.size() == 12);
  CHECK(done.done.bytes == 300'050);
  CHECK(pending_below(in("")) == 0);
}

TEST_CASE_METHOD(round_trip,
                 "names begin with the source's own, or with a dot") {
  write_file(in("one"), "1");
  write_file((*this)("app.tar.gz"), pack({"app", "one"}));
  run("tar tzf " + (*this)("app.tar.gz") + " | cut -d/ -f1 | sort -u >" +
      (*this)("names"));
  CHECK(read_file((*this)("names")).value() == "app\none\n");
  CHECK(!unpack(pack({"app", "one"}), "both").error);
  is_back("both/app");
  CHECK(read_file(in("both/one")).value() == "1");
  write_file((*this)("app.tar.gz"), pack({"app/."}));
  run("tar tzf " + (*this)("app.tar.gz") + " | head -1 >" + (*this)("names"));
  CHECK(read_file((*this)("names")).value() == "./\n");
  for (const auto* path : {"app/", "app//", "./app"})
    CHECK(!unpack(pack({path}), "again").error);
  is_back("again/app");
}

TEST_CASE_METHOD(round_trip, "sources of one name are told apart") {
  make_folder_at(in("other"));
  write_file(in("other/app"), "a file");
  make_folder_at(in("third"));
  make_folder_at(in("third/app"));
  write_file(in("third/app/x"), "x");
  CHECK(!unpack(pack({"app", "other/app", "app", "third/app"}), "back").error);
  is_back("back/app");
  CHECK(read_file(in("back/app_1")).value() == "a file");
  CHECK(read_file(in("back/app_2/x")).value() == "x");
  CHECK(names_in(in("back")).size() == 3);
}

TEST_CASE_METHOD(round_trip, "tar unpacks what we pack") {
  write_file((*this)("app.tar.gz"), pack({"app/."}));
  make_folder_at(in("back"));
  run("tar xpzf " + (*this)("app.tar.gz") + " -C " + in("back"));
  is_back("back");
  run("gzip -t " + (*this)("app.tar.gz"));
}

TEST_CASE_METHOD(round_trip, "we unpack what tar packs") {
  const auto* format = GENERATE("gnu", "pax", "oldgnu");
  INFO(format);
  const auto packed =
      "tar c --format=" + std::string{format} + " -C " + in("app") + " . ";
  for (const std::string how : {"cat", "gzip", "bzip2", "xz", "zstd -q"}) {
    INFO(how);
    run(packed + "| " + how + " >" + in("made"));
    const auto done = unpack_made("back");
    INFO(done.complaint);
    CHECK(!done.error);
    CHECK(done.done.files == 12);
    is_back("back");
    fs::remove_all(in("back"));
  }
}

TEST_CASE_METHOD(round_trip, "packed streams may follow each other") {
  const auto whole = tar_bytes({{"x", std::string(100'000, 'x')}});
  for (const std::string how : {"gzip", "bzip2", "xz", "zstd -q"}) {
    write_file(in("1"), whole.substr(0, 30'000));
    write_file(in("2"), whole.substr(30'000));
    run("(" + how + " <" + in("1") + "; " + how + " <" + in("2") + ") >" +
        in("made"));
    CHECK(!unpack_made("back").error);
    CHECK(fs::file_size(in("back/x")) == 100'000);
    fs::remove_all(in("back"));
  }
}

TEST_CASE_METHOD(round_trip, "we unpack what zip packs") {
  run("cd " + in("app") + " && zip -qry " + in("made") + ".zip .");
  const auto done = unpack(read_file(in("made.zip")).value(), "back");
  INFO(done.complaint);
  CHECK(!done.error);
  CHECK(done.done.files == 12);
  is_back("back");
}

TEST_CASE_METHOD(round_trip, "we unpack what python packs") {
  const std::string script = R"py(
import os, sys, tarfile, zipfile
folder, made = sys.argv[1:]
with tarfile.open(made + ".tgz", "w:gz") as tar:
    tar.add(folder, ".")
with zipfile.ZipFile(made + ".zip", "w", zipfile.ZIP_DEFLATED) as zip:
    zip.writestr("a/b.txt", "from a string")
    zip.writestr("é.txt", "é")
    with zip.open("streamed", "w", force_zip64=True) as member:
        member.write(b"x" * 100000)
    zip.mkdir("folder") if hasattr(zip, "mkdir") else None
)py";
  write_file(in("pack.py"), script);
  run("python3 " + in("pack.py") + " " + in("app") + " " + in("made"));
  const auto tar = unpack(read_file(in("made.tgz")).value(), "back");
  INFO(tar.complaint);
  CHECK(!tar.error);
  is_back("back");
  const auto zip = unpack(read_file(in("made.zip")).value(), "zipped");
  INFO(zip.complaint);
  CHECK(!zip.error);
  CHECK(read_file(in("zipped/a/b.txt")).value() == "from a string");
  CHECK(read_file(in("zipped/\xc3\xa9.txt")).value() == "\xc3\xa9");
  CHECK(fs::file_size(in("zipped/streamed")) == 100'000);
  CHECK(mode_of(in("zipped/a/b.txt")) == 0600);
}

/// Python's, because zip(1) stores nothing where it cannot go back.
const std::string streaming_zip = R"(
import os, stat, sys, time, zipfile
out = zipfile.ZipFile(sys.stdout.buffer, "w", zipfile.ZIP_DEFLATED)
for folder, folders, files in os.walk("."):
    for name in sorted(folders + files):
        path = os.path.join(folder, name)
        status = os.lstat(path)
        is_folder = stat.S_ISDIR(status.st_mode)
        info = zipfile.ZipInfo(path[2:] + ("/" if is_folder else ""),
                               time.localtime(status.st_mtime)[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        info.create_system = 3
        info.external_attr = status.st_mode << 16
        if stat.S_ISLNK(status.st_mode):
            out.writestr(info, os.readlink(path))
        elif is_folder:
            out.writestr(info, b"")
        elif stat.S_ISREG(status.st_mode):
            out.writestr(info, open(path, "rb").read())
out.close()
)";

TEST_CASE_METHOD(round_trip,
                 "a zip from a pipe has its sizes behind the data") {
  run("cd " + in("app") + " && python3 -c '" + streaming_zip + "' | cat >" +
      in("made"));
  CHECK(!unpack_made("back").error);
  is_back("back");
  const auto wide =
      zip_bytes({{"x", "x"}, {"y", "y", true}}, {true, "", "", {}});
  CHECK(!unpack(wide, "wide").error);
  CHECK(read_file(in("wide/y")).value() == "y");
}

TEST_CASE_METHOD(round_trip, "names are bytes") {
  make_folder_at(in("odd"));
  for (const std::string name : {"\xff\xfe", "a b\n", "-rf", "*", "\xc3"})
    write_file(in("odd/" + name), name);
  make_link("\xc3\xa9/\xff", in("odd/l\xc3\xa9"));
  make_folder_at(in("odd/\xe6\x97\xa5"));
  write_file(in("odd/\xe6\x97\xa5/x"), "x");
  CHECK(!unpack(pack({"odd/."}), "back").error);
  CHECK(contents_of(in("back")) == contents_of(in("odd")));
  run("tar c --format=pax -C " + in("odd") + " . >" + in("made"));
  CHECK(!unpack_made("pax").error);
  CHECK(contents_of(in("pax")) == contents_of(in("odd")));
}

TEST_CASE_METHOD(round_trip, "holes of sparse files are kept as zeros") {
  run("truncate -s 3M " + in("sparse") + " && printf end >>" + in("sparse") +
      " && printf middle | dd of=" + in("sparse") +
      " bs=1 seek=1000000 conv=notrunc status=none && truncate -s 5M " +
      in("sparse"));
  for (const std::string format :
       {"gnu", "pax --sparse-version=0.0", "pax --sparse-version=0.1",
        "pax --sparse-version=1.0"}) {
    INFO(format);
    run("tar cS --format=" + format + " -C " + in("") + " sparse >" +
        in("made"));
    extract_options options;
    options.limits.max_ratio = 10'000;
    const auto done = unpack(read_file(in("made")).value(), "back", options);
    INFO(done.complaint);
    CHECK(!done.error);
    CHECK(read_file(in("back/sparse")) == read_file(in("sparse")));
    fs::remove_all(in("back"));
    refuses(read_file(in("made")).value(), "times the archive",
            errc::archive_limit);
  }
}

TEST_CASE_METHOD(round_trip,
                 "set-user-id bits do not survive, owners neither") {
  write_file(in("app/src/b.sh"), "x", 06755);
  const auto packed = pack({"app/src"});
  write_file((*this)("made.tgz"), packed);
  run("test -z \"$(tar tvzf " + (*this)("made.tgz") +
      " | grep -v '^[-dl]......... 0/0 ')\"");
  CHECK(!unpack(packed, "ours").error);
  CHECK(mode_of(in("ours/src/b.sh")) == 0755);
  run("tar cpzf " + in("made") + " -C " + in("app") + " src");
  CHECK(!unpack_made("theirs").error);
  CHECK(mode_of(in("theirs/src/b.sh")) == 0755);
  CHECK(!unpack(zip_bytes({{"x", "x", false, 0104755}}), "zip").error);
  CHECK(mode_of(in("zip/x")) == 0755);
  CHECK(!unpack(tar_bytes({{"d/", "", '5', "", 0}, {"d/x", "x"}}), "d").error);
  CHECK(mode_of(in("d/d")) == 0700);
}

TEST_CASE_METHOD(round_trip, "links that stay inside are made last") {
  const auto bytes = tar_bytes({{"a/l", "", '2', "../b/x"},
                                {"a/up", "", '2', "../.././a/.."},
                                {"b/x", "x"}});
  CHECK(unpack(bytes, "no").error == errc::bad_archive);
  const auto fine = tar_bytes({{"./", "", '5'},
                               {"./a/l", "", '2', "../b/x"},
                               {"./a/self", "", '2', "."},
                               {"./a/up", "", '2', ".."},
                               {"./b/", "", '5'},
                               {"./b/", "", '5'},
                               {"./b/x", "x"}});
  const auto done = unpack(fine, "yes");
  INFO(done.complaint);
  CHECK(!done.error);
  CHECK(read_file(in("yes/a/l")).value() == "x");
  CHECK(fs::read_symlink(in("yes/a/up")) == "..");
  CHECK(done.done.files == 4);
}

TEST_CASE_METHOD(round_trip, "an archive with nothing in it makes a folder") {
  CHECK(!unpack(tar_end, "a").error);
  CHECK(!unpack(gzip_bytes(tar_end), "b").error);
  CHECK(!unpack(zip_bytes({}), "c").error);
  for (const auto* folder : {"a", "b", "c"})
    CHECK(names_in(in(folder)).empty());
}

} // namespace outrigger::os::test
