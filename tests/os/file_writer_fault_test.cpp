// Writers where the kernel or the file system lacks a call, or the disk fails.
#include "actors/os/error.hpp"
#include "actors/os/files/file_change.hpp"
#include "actors/os/files/in_place_writer.hpp"
#include "tests/os/forked_child.hpp"
#include "tests/os/refused_calls.hpp"
#include "tests/os/writer_fixture.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>

namespace outrigger::os::test {

namespace {

constexpr std::uint64_t nameless = O_TMPFILE & ~O_DIRECTORY;

const refused_call no_nameless{SCMP_SYS(openat), EOPNOTSUPP, 2, nameless,
                               nameless};
const refused_call no_noreplace{SCMP_SYS(renameat2), EINVAL};
const refused_call no_empty_path{SCMP_SYS(linkat), ENOENT, 4, AT_EMPTY_PATH,
                                 AT_EMPTY_PATH};
const refused_call no_links{SCMP_SYS(linkat), EPERM};

struct faults : writer_fixture {
  /// What writers promise everywhere; the number of what is broken.
  int promises() {
    write_condition fresh;
    fresh.only_new = true;
    write_options options;
    options.mode = 0640;
    options.condition = fresh;
    if (!write("f", "one", options))
      return 1;
    if (mode_of(in("f")) != 0640 || read_file(in("f")) != "one")
      return 2;
    if (write("f", "two", options).error() != os_error(EEXIST))
      return 3;
    if (!write("f", "two") || read_file(in("f")) != "two")
      return 4;
    if (mode_of(in("f")) != 0640)
      return 5;
    {
      auto given_up = file_writer::begin(workspace, "g", {}, *pending);
      if (!given_up || given_up->write("x"))
        return 6;
    }
    // Somebody makes it between the look and the end.
    auto late = file_writer::begin(workspace, "h", options, *pending);
    write_file(in("h"), "theirs");
    if (late->commit().error() != os_error(EEXIST))
      return 7;
    if (read_file(in("h")) != "theirs")
      return 8;
    return names_in(in("")) == std::vector<std::string>{"f", "h"} ? 0 : 9;
  }
};

} // namespace

TEST_CASE_METHOD(faults, "writers keep their promises without files that have "
                         "no name") {
  CHECK(in_child([&] {
          return refuse_calls({no_nameless}) ? promises() : 90;
        }) == 0);
  CHECK(pending->take_left().empty());
}

TEST_CASE_METHOD(faults, "and without renames that replace nothing") {
  CHECK(in_child([&] {
          return refuse_calls({no_nameless, no_noreplace}) ? promises() : 90;
        }) == 0);
}

TEST_CASE_METHOD(faults, "and without hard links either") {
  CHECK(in_child([&] {
          return refuse_calls({no_nameless, no_noreplace, no_links})
                     ? promises()
                     : 90;
        }) == 0);
}

TEST_CASE_METHOD(faults, "and without the right to name an open file") {
  CHECK(in_child([&] {
          return refuse_calls({no_empty_path}) ? promises() : 90;
        }) == 0);
}

TEST_CASE_METHOD(faults, "without a name for the moment a file is seen by "
                         "nobody but its writer") {
  CHECK(in_child([&] {
          if (!refuse_calls({no_nameless}))
            return 90;
          auto writer = file_writer::begin(workspace, "f", {}, *pending);
          if (!writer || pending_below(in("")) != 1 || exists(in("f")))
            return 1;
          // A file that is replaced may be private.
          write_file(in("secret"), "", 0600);
          auto other = file_writer::begin(workspace, "secret", {}, *pending);
          for (const auto& name : names_in(in("")))
            if (name.starts_with(".outrigger-") && mode_of(in(name)) != 0644 &&
                mode_of(in(name)) != 0600)
              return 2;
          return other->commit().has_value() && writer->commit().has_value()
                     ? 0
                     : 3;
        }) == 0);
  CHECK(names_in(in("")) == std::vector<std::string>{"f", "secret"});
}

TEST_CASE_METHOD(faults, "a disk that fails to keep the data leaves the old") {
  write_file(in("f"), "old");
  CHECK(in_child([&] {
          if (!refuse_calls({{SCMP_SYS(fdatasync), EIO}}))
            return 90;
          write_options options;
          options.durable = true;
          if (write("f", "new", options).error() != os_error(EIO))
            return 1;
          if (write("g", "new", options).error() != os_error(EIO))
            return 2;
          ranged_write append;
          append.durable = true;
          return write_in_place(workspace, "f", "", append).error() ==
                         os_error(EIO)
                     ? 0
                     : 3;
        }) == 0);
  CHECK(read_file(in("f")) == "old");
  CHECK(names_in(in("")) == std::vector<std::string>{"f"});
}

TEST_CASE_METHOD(faults, "a disk that fails to keep the name is an error") {
  write_file(in("f"), "old");
  CHECK(in_child([&] {
          if (!refuse_calls({{SCMP_SYS(fsync), EIO}}))
            return 90;
          write_options options;
          options.durable = true;
          if (write("f", "new", options).error() != os_error(EIO))
            return 1;
          // A file system that cannot sync folders at all is none.
          return 0;
        }) == 0);
  CHECK(in_child([&] {
          if (!refuse_calls({{SCMP_SYS(fsync), EINVAL}}))
            return 90;
          write_options options;
          options.durable = true;
          return write("f", "new", options) ? 0 : 1;
        }) == 0);
  CHECK(pending_below(in("")) == 0);
}

TEST_CASE_METHOD(faults, "what a file system says at the last moment counts") {
  write_file(in("f"), "old");
  make_folder_at(in("d"));
  write_file(in("d/f"), "text");
  for (const int error : {EIO, EDQUOT, ENOSPC})
    CHECK(in_child([&] {
            if (!refuse_calls({{SCMP_SYS(close), error}}))
              return 90;
            if (write("f", "new").error() != os_error(error))
              return 1;
            if (write_in_place(workspace, "f", "", {}).error() !=
                os_error(error))
              return 2;
            return copy_entry(workspace, "d", workspace, "c", if_exists::refuse,
                              false, *pending, {})
                               .error() == os_error(error)
                       ? 0
                       : 3;
          }) == 0);
  CHECK(read_file(in("f")) == "old");
  CHECK(names_in(in("")) == std::vector<std::string>{"d", "f"});
}

TEST_CASE_METHOD(faults, "what cannot be renamed leaves nothing behind") {
  write_file(in("f"), "old");
  for (const int error : {ENOSPC, EDQUOT, EIO})
    CHECK(in_child([&] {
            if (!refuse_calls({{SCMP_SYS(renameat), error},
                               {SCMP_SYS(renameat2), error}}))
              return 90;
            auto writer = file_writer::begin(workspace, "f", {}, *pending);
            if (!writer || writer->write("new"))
              return 1;
            if (writer->commit().error() != os_error(error))
              return 2;
            return pending_below(in("")) == 0 ? 0 : 3;
          }) == 0);
  CHECK(read_file(in("f")) == "old");
}

TEST_CASE_METHOD(faults, "a filter that knows no faccessat2 is no obstacle") {
  write_file(in("f"), "old");
  CHECK(in_child([&] {
          return refuse_calls({{SCMP_SYS(faccessat2), EPERM}}) &&
                         write("f", "new")
                     ? 0
                     : 1;
        }) == 0);
}

} // namespace outrigger::os::test
