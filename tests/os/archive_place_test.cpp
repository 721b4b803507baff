// Where an unpacked archive goes, and what may be in the way.
#include "actors/os/error.hpp"
#include "tests/os/archive_fixture.hpp"
#include "tests/os/forked_child.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace outrigger::os::test {

namespace fs = std::filesystem;

namespace {

struct placing : archive_fixture {
  placing() {
    make_folder_at(in("old"));
    make_folder_at(in("old/d"));
    write_file(in("old/x.txt"), "old x");
    write_file(in("old/d/y"), "old y");
    make_link("x.txt", in("old/link"));
    make_folder_at((*this)("elsewhere"));
  }

  static extract_options with(if_taken policy) {
    extract_options options;
    options.policy = policy;
    return options;
  }

  std::string content(const std::string& path) const {
    return read_file(in(path)).value_or("nothing");
  }

  /// Into "old", which stays as it is.
  void in_the_way(const std::vector<tar_entry>& entries,
                  std::string_view complaint,
                  if_taken policy = if_taken::overwrite,
                  std::error_code error = os_error(EEXIST)) {
    const auto before = everything();
    const auto tried = unpack(tar_bytes(entries), "old", with(policy));
    CHECK(tried.error == error);
    INFO(tried.complaint);
    CHECK(tried.complaint.find(complaint) != std::string::npos);
    CHECK(everything() == before);
  }
};

const std::vector<tar_entry> some = {{"d/", "", '5'},  {"new/z", "new z"},
                                     {"x.txt", "new"}, {"d/y", "new y"},
                                     {"d/n", "new n"}, {"l", "", '2', "x.txt"}};

} // namespace

TEST_CASE_METHOD(placing, "a new folder gets its name when it is complete") {
  auto reader = archive_reader::open(file_of(tar_bytes(some)), workspace,
                                     "a/b/c", {}, *pending);
  REQUIRE(reader.has_value());
  while (!reader->step().value().done)
    ;
  CHECK(!exists(in("a")));
  CHECK(pending_below(in("")) == 1);
  const auto done = reader->finish();
  REQUIRE(done.has_value());
  CHECK(content("a/b/c/d/n") == "new n");
  CHECK(pending_below(in("")) == 0);
  CHECK(reader->finish().error() == os_error(EINVAL)); // once
}

TEST_CASE_METHOD(placing, "files that are there are replaced") {
  const auto done = unpack(tar_bytes(some), "old");
  INFO(done.complaint);
  REQUIRE(!done.error);
  CHECK(content("old/x.txt") == "new");
  CHECK(content("old/d/y") == "new y");
  CHECK(content("old/d/n") == "new n");
  CHECK(content("old/new/z") == "new z");
  CHECK(content("old/l") == "new");
  CHECK(done.done.files == 5);
  CHECK(names_in(in("old")).size() == 5);
  // A second time the links are there as well.
  CHECK(!unpack(tar_bytes(some), "old").error);
  // A link is replaced, not what it leads to.
  CHECK(!unpack(tar_bytes({{"link", "a file now"}}), "old").error);
  CHECK(content("old/link") == "a file now");
  CHECK(content("old/x.txt") == "new");
}

TEST_CASE_METHOD(placing, "files that are there are an error, if so wanted") {
  in_the_way(some, "is in the destination already", if_taken::reject);
  in_the_way({{"link", "x"}}, "already", if_taken::reject);
  CHECK(
      !unpack(tar_bytes({{"d/n", "x"}}), "old", with(if_taken::reject)).error);
  CHECK(content("old/d/n") == "x");
}

TEST_CASE_METHOD(placing, "files that are there get company, if so wanted") {
  write_file(in("old/d/y_1"), "mine as well");
  const auto done = unpack(tar_bytes(some), "old", with(if_taken::rename));
  REQUIRE(!done.error);
  CHECK(content("old/x.txt") == "old x");
  CHECK(content("old/x_1.txt") == "new");
  CHECK(content("old/d/y") == "old y");
  CHECK(content("old/d/y_1") == "mine as well");
  CHECK(content("old/d/y_2") == "new y");
  CHECK(content("old/d/n") == "new n");
  std::vector<std::string> listed;
  for (const auto& file : done.done.listed)
    listed.push_back(file.path);
  CHECK(listed ==
        std::vector<std::string>{"d/n", "d/y_2", "l", "new/z", "x_1.txt"});
  CHECK(!unpack(tar_bytes({{"d", "a file"}}), "old", with(if_taken::rename))
             .error);
  CHECK(content("old/d_1") == "a file");
}

TEST_CASE_METHOD(placing,
                 "what is in the way is found before the first change") {
  for (const auto policy :
       {if_taken::overwrite, if_taken::reject, if_taken::rename}) {
    in_the_way({{"a", "x"}, {"x.txt/y", "x"}},
               "\"x.txt\" is a folder, but none in the destination", policy);
    in_the_way({{"a", "x"}, {"link/y", "x"}},
               "\"link\" is a folder, but a link in the destination", policy);
  }
  in_the_way({{"a", "x"}, {"d", "x"}}, "\"d\" is a folder in the destination");
  make_link("../elsewhere", in("old/out"));
  make_link("d", in("old/inside"));
  in_the_way({{"out/x", "x"}}, "but a link in the destination");
  in_the_way({{"inside/x", "x"}}, "but a link in the destination");
  in_the_way({{"inside/", "", '5'}}, "but a link in the destination");
}

TEST_CASE_METHOD(placing, "a destination must be a folder of the root") {
  const auto bytes = tar_bytes(some);
  CHECK(unpack(bytes, "old/x.txt").error == os_error(ENOTDIR));
  CHECK(unpack(bytes, "old/x.txt/new").error == os_error(ENOTDIR));
  CHECK(unpack(bytes, "..").error == os_error(EXDEV));
  CHECK(unpack(bytes, "../new").error == os_error(EXDEV));
  CHECK(unpack(bytes, "no/../../new").error);
  CHECK(unpack(bytes, "/new").error == os_error(EINVAL));
  make_link("../elsewhere", in("out"));
  CHECK(unpack(bytes, "out").error == os_error(EXDEV));
  CHECK(unpack(bytes, "out/new").error == os_error(EXDEV));
  CHECK(names_in((*this)("elsewhere")).empty());
  make_link("old", in("same"));
  CHECK(!unpack(bytes, "same").error);
  CHECK(content("old/d/n") == "new n");
  CHECK(!unpack(bytes, "").error);
  CHECK(content("d/n") == "new n");
  CHECK(!unpack(bytes, "slash//es/").error);
  CHECK(content("slash/es/d/n") == "new n");
  CHECK(pending_below(in("")) == 0);
}

TEST_CASE_METHOD(placing, "what is kept closed stays closed") {
  make_folder_at(in("old/secret"));
  write_file(in("old/secret/token"), "token");
  workspace.keep_closed({in("old/secret")});
  in_the_way({{"secret/token", "x"}}, "\"secret\" cannot be put in place",
             if_taken::overwrite, os_error(EACCES));
  CHECK(unpack(tar_bytes(some), "old/secret").error == os_error(EACCES));
  CHECK(unpack(tar_bytes(some), "old/secret/new").error == os_error(EACCES));
  CHECK(content("old/secret/token") == "token");
}

TEST_CASE_METHOD(placing, "another file system in the destination is refused") {
  const small_disk disk(in("old/d"), "64k");
  if (!disk.mounted()) {
    WARN("skipped: this process may not mount");
    return;
  }
  in_the_way({{"a", "x"}, {"d/y", "x"}}, "is another file system",
             if_taken::overwrite, os_error(EXDEV));
  // A whole disk as the destination is fine.
  CHECK(!unpack(tar_bytes(some), "old/d").error);
  CHECK(content("old/d/d/n") == "new n");
}

TEST_CASE_METHOD(placing, "who goes away leaves nothing behind") {
  for (const auto* destination : {"new", "old"}) {
    const auto before = everything();
    for (unsigned steps = 0; steps < 4; ++steps) {
      std::vector<tar_entry> many(some);
      for (int i = 0; i < 120; ++i)
        many.push_back({"m" + std::to_string(i % 7) + "/" + std::to_string(i),
                        std::string(20'000, 'x')});
      auto reader = archive_reader::open(file_of(tar_bytes(many)), workspace,
                                         destination, {}, *pending);
      REQUIRE(reader.has_value());
      CHECK(pending_below(in("")) == 1);
      for (unsigned i = 0; i < steps; ++i)
        CHECK(!reader->step().value().done);
    }
    CHECK(everything() == before);
  }
  CHECK(pending_files::open(pending_path).value()->take_left().empty());
}

TEST_CASE_METHOD(placing,
                 "a process that is killed leaves what is removed next") {
  const auto before = everything();
  for (const unsigned steps : {0U, 1U, 3U, 100U}) {
    const auto status = in_child([&] {
      auto mine = pending_files::open(pending_path);
      auto reader =
          archive_reader::open(file_of(tar_bytes(some)), workspace,
                               steps % 2 == 0 ? "new" : "old", {}, **mine);
      for (unsigned i = 0; i < steps; ++i)
        (void)reader->step();
      ::raise(SIGKILL);
      return 0;
    });
    CHECK(status == 128 + SIGKILL);
    CHECK(pending_below(in("")) == 1);
    const auto next = pending_files::open(pending_path).value();
    const auto left = next->take_left();
    CHECK(left.size() == 1);
    CHECK(remove_left(left, {&workspace}).empty());
    next->forget_left();
    CHECK(everything() == before);
  }
}

TEST_CASE_METHOD(placing, "steps are small") {
  std::vector<tar_entry> many;
  for (int i = 0; i < 500; ++i)
    many.push_back({std::to_string(i), ""});
  many.push_back({"big", std::string(10 << 20, 'x')});
  auto reader = archive_reader::open(file_of(tar_bytes(many)), workspace, "new",
                                     {}, *pending);
  REQUIRE(reader.has_value());
  extract_progress last;
  for (unsigned steps = 0;; ++steps) {
    const auto now = reader->step();
    REQUIRE(now.has_value());
    CHECK(now->members - last.members <= 51);
    CHECK(now->bytes - last.bytes <= (1 << 20) + 65'536);
    CHECK(now->read >= last.read);
    CHECK(now->read <= now->size);
    last = *now;
    if (now->done)
      break;
    REQUIRE(steps < 40);
  }
  CHECK(last.members == 501);
  CHECK(last.read == last.size);
}

TEST_CASE_METHOD(placing, "an archive arrives in a file without a name") {
  auto spool = open_spool(workspace, "not/there", *pending);
  REQUIRE(spool.has_value());
  CHECK(pending_below(in("")) == 0);
  const auto bytes = tar_bytes(some);
  REQUIRE(::write(spool->get(), bytes.data(), bytes.size()) ==
          static_cast<ssize_t>(bytes.size()));
  CHECK(!unpack_file(std::move(*spool), "not/there").error);
  CHECK(content("not/there/d/n") == "new n");
  CHECK(open_spool(workspace, "../x", *pending).error() == os_error(EXDEV));
  // One in the workspace will do as well, a folder will not.
  write_file(in("a.tar"), bytes);
  unique_fd file(::open(in("a.tar").c_str(), O_RDONLY | O_CLOEXEC));
  CHECK(!unpack_file(std::move(file), "2").error);
  unique_fd folder(::open(in("old").c_str(), O_RDONLY | O_CLOEXEC));
  CHECK(unpack_file(std::move(folder), "3").error == errc::not_a_file);
}

TEST_CASE_METHOD(placing, "names of the first files are told") {
  auto options = with(if_taken::overwrite);
  options.max_listed = 2;
  const auto done =
      unpack(tar_bytes({{"b", "bb"}, {"a", "a"}, {"c", "c"}}), "new", options);
  REQUIRE(done.done.listed.size() == 2);
  CHECK(done.done.files == 3);
  CHECK(done.done.listed[0].path == "a");
  CHECK(done.done.listed[1].path == "b");
  CHECK(done.done.listed[1].size == 2);
  CHECK(done.done.listed[1].modified_ns == 1'700'000'000'000'000'000);
}

} // namespace outrigger::os::test
