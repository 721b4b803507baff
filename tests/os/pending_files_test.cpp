// Names made for a moment: noted, found by the next process, removed.
#include "actors/os/error.hpp"
#include "actors/os/files/pending_files.hpp"
#include "tests/os/file_tree.hpp"
#include "tests/os/forked_child.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <set>
#include <thread>

namespace outrigger::os::test {

namespace {

struct notes : file_tree {
  std::string file = (*this)("pending");

  [[nodiscard]] std::unique_ptr<pending_files> open() const {
    auto opened = pending_files::open(file);
    REQUIRE(opened.has_value());
    return std::move(*opened);
  }

  /// As a process before us would have left them.
  [[nodiscard]] std::vector<std::string> left() const {
    auto paths = open()->take_left();
    std::sort(paths.begin(), paths.end());
    return paths;
  }

  /// Writes over the slot's bytes, from `offset` on.
  void corrupt(std::size_t slot, std::size_t offset,
               std::string_view bytes) const {
    const unique_fd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    REQUIRE(::pwrite(fd.get(), bytes.data(), bytes.size(),
                     static_cast<off_t>(slot * 4096 + offset)) ==
            static_cast<ssize_t>(bytes.size()));
  }

  /// Notes it in a process that is killed before it can forget.
  void leave(const std::vector<std::string>& paths) const {
    CHECK(in_child([&] {
            auto pending = pending_files::open(file);
            std::vector<pending_files::note> kept;
            for (const auto& path : paths)
              kept.push_back(std::move(pending.value()->add(path).value()));
            ::raise(SIGKILL);
            return 0;
          }) == 128 + SIGKILL);
  }
};

const std::string name = ".outrigger-0123456789abcdef.tmp";

} // namespace

TEST_CASE_METHOD(notes, "names for a moment are new, and ours by their looks") {
  std::set<std::string> names;
  for (int i = 0; i < 100; ++i) {
    const auto made = pending_files::make_name().value();
    CHECK(made.starts_with(pending_prefix));
    CHECK(made.ends_with(pending_suffix));
    CHECK(made.size() == 47);
    names.insert(made);
  }
  CHECK(names.size() == 100);
}

TEST_CASE_METHOD(notes, "what was forgotten is not left") {
  {
    const auto pending = open();
    auto one = pending->add("/a/" + name);
    REQUIRE(one.has_value());
    auto two = pending->add("/b/" + name);
    pending_files::note moved = std::move(*one);
    moved = std::move(*two); // and "/a" is forgotten
    CHECK(pending->take_left().empty());
  }
  CHECK(left().empty());
  CHECK(mode_of(file) == 0600);
}

TEST_CASE_METHOD(notes, "what a killed process noted is left to the next") {
  leave({"/a/" + name, "/b/c/" + name});
  const auto pending = open();
  auto paths = pending->take_left();
  std::sort(paths.begin(), paths.end());
  CHECK(paths == std::vector<std::string>{"/a/" + name, "/b/c/" + name});
  CHECK(pending->take_left().empty());
}

TEST_CASE_METHOD(notes, "what is left is told again until its slot is needed") {
  leave({"/a/" + name});
  CHECK(left().size() == 1);
  CHECK(left().size() == 1); // killed before it was removed
  const auto pending = open();
  std::vector<pending_files::note> kept;
  for (std::size_t i = 0; i < pending_files::max_names; ++i) {
    auto note = pending->add("/b/" + name);
    REQUIRE(note.has_value());
    kept.push_back(std::move(*note));
  }
  kept.clear();
  CHECK(left().empty());
}

TEST_CASE_METHOD(notes, "one name too many is refused, and none for ever") {
  const auto pending = open();
  std::vector<pending_files::note> kept;
  for (std::size_t i = 0; i < pending_files::max_names; ++i)
    kept.push_back(std::move(pending->add("/a/" + name).value()));
  CHECK(pending->add("/a/" + name).error() == os_error(EBUSY));
  kept.pop_back();
  CHECK(pending->add("/a/" + name).has_value());
}

TEST_CASE_METHOD(notes, "only absolute paths of names of ours are noted") {
  const auto pending = open();
  for (const auto& path :
       {std::string{}, name, "a/" + name, std::string{"/a/b"}, "/a/../" + name,
        "/a//" + name, "/./" + name, "/a/" + name + "/b",
        std::string{"/a/.outrigger-.tmp"}, "/a/" + name + "/"}) {
    INFO(path);
    CHECK(pending->add(path).error() == os_error(EINVAL));
  }
  const std::string long_path = "/" + std::string(4091 - name.size() - 2, 'a');
  CHECK(pending->add(long_path + "/" + name).has_value());
  CHECK(pending->add(long_path + "a/" + name).error() ==
        os_error(ENAMETOOLONG));
  CHECK(pending->add("/" + name).has_value());
}

TEST_CASE_METHOD(notes, "threads get slots of their own") {
  {
    const auto pending = open();
    std::vector<std::thread> threads;
    std::atomic<int> failed = 0;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&, i] {
        for (int round = 0; round < 5000; ++round)
          if (!pending->add("/" + std::to_string(i) + "/" + name))
            ++failed;
      });
    for (auto& thread : threads)
      thread.join();
    CHECK(failed == 0);
  }
  CHECK(left().empty());
}

// -- a file that is not as we left it -----------------------------------------

TEST_CASE_METHOD(notes, "corrupt slots are ignored") {
  const std::string good = "/a/" + name;
  const auto noted = std::string_view{"\2\0\0\0", 4};
  const auto unterminated = std::string(4092 - name.size() - 1, 'a');
  struct {
    const char* what;
    std::string slot;
    bool counts;
  } const cases[] = {
      {"good", good, true},
      {"relative", "a/" + name, false},
      {"another name", "/etc/passwd", false},
      {"a suffix alone", "/a/b.tmp", false},
      {"a detour", "/a/../" + name, false},
      {"no end", "/" + unterminated.substr(1) + "/" + name, false},
      {"nothing", "", false},
  };
  for (const auto& given : cases) {
    INFO(given.what);
    (void)::unlink(file.c_str());
    (void)open();
    corrupt(7, 4, given.slot);
    corrupt(7, 0, noted);
    CHECK(left().size() == (given.counts ? 1 : 0));
  }
  (void)::unlink(file.c_str());
  (void)open();
  corrupt(3, 4, good);
  for (const char* state : {"\1\0\0\0", "\4\0\0\0", "\xff\xff\xff\xff"}) {
    corrupt(3, 0, std::string_view{state, 4});
    CHECK(left().empty());
  }
}

TEST_CASE_METHOD(notes, "a file of another size or of garbage is made usable") {
  write_file(file, std::string(3'000'000, '\xa5'), 0600);
  CHECK(left().empty());
  CHECK(std::filesystem::file_size(file) == 256 * 4096);
  write_file(file, "short", 0600);
  CHECK(left().empty());
  CHECK(open()->add("/a/" + name).has_value());
}

TEST_CASE_METHOD(notes, "what is no file is not mapped") {
  make_link((*this)("elsewhere"), file);
  CHECK(pending_files::open(file).error() == os_error(ELOOP));
  CHECK(!exists((*this)("elsewhere")));
  REQUIRE(::unlink(file.c_str()) == 0);
  REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  CHECK(pending_files::open(file).error() == errc::not_a_file);
  CHECK(pending_files::open((*this)("root")).error() == os_error(EISDIR));
  CHECK(pending_files::open((*this)("no/file")).error() == os_error(ENOENT));
}

// -- removing -----------------------------------------------------------------

TEST_CASE_METHOD(notes, "what was left is removed, and nothing else") {
  make_folder_at(in("d"));
  write_file(in("d/" + name), "half");
  make_folder_at(in(name));
  write_file(in(name + "/inner"), "x");
  write_file(in("d/kept"), "kept");
  make_folder_at((*this)("beside"));
  write_file((*this)("beside/" + name), "not ours");
  const auto inside = root();
  const auto paths = std::vector<std::string>{
      in("d/" + name),           in(name),
      in("gone/" + name),        in(".outrigger-x.tmp"),
      (*this)("beside/" + name), in("d/kept"),
      in("../beside/" + name)};
  const auto stayed = remove_left(paths, {&inside});
  CHECK(stayed == std::vector<std::string>{paths[4], paths[5], paths[6]});
  CHECK(names_in(in("")) == std::vector<std::string>{"d"});
  CHECK(names_in(in("d")) == std::vector<std::string>{"kept"});
  CHECK(exists((*this)("beside/" + name)));
}

TEST_CASE_METHOD(notes, "links lead to nothing that would be removed") {
  make_folder_at((*this)("beside"));
  write_file((*this)("beside/" + name), "not ours");
  make_link((*this)("beside"), in("d"));
  const auto inside = root();
  CHECK(remove_left({in("d/" + name)}, {&inside}).size() == 1);
  CHECK(exists((*this)("beside/" + name)));
  make_link((*this)("beside"), in(name));
  CHECK(remove_left({in(name)}, {&inside}).empty()); // the link itself
  CHECK(!exists(in(name)));
  CHECK(exists((*this)("beside/" + name)));
}

TEST_CASE_METHOD(notes, "of several roots the innermost removes") {
  make_folder_at(in("d"));
  write_file(in("d/" + name), "");
  const auto outer = root();
  const auto inner = root(path_resolver::openat2, "root/d");
  const auto all = root_dir::open("/", path_resolver::openat2).value();
  CHECK(remove_left({in("d/" + name)}, {&outer, &inner}).empty());
  CHECK(!exists(in("d/" + name)));
  write_file(in("d/" + name), "");
  CHECK(remove_left({in("d/" + name)}, {}).size() == 1);
  CHECK(remove_left({in("d/" + name)}, {&all}).empty());
  CHECK(!exists(in("d/" + name)));
}

} // namespace outrigger::os::test
