// Trees for the sandbox to allow and to refuse, and children that enter it.
// What a child cannot do it returns as a number, which its test explains.
#pragma once

#include "actors/os/sandbox.hpp"
#include "tests/os/forked_child.hpp"
#include "tests/os/holder_fixture.hpp"

#include <cerrno>
#include <string>

namespace outrigger::os::test {

/// in/ may be written, read/ read, sockets/ hold sockets, out/ is refused.
/// Each has a file `f` with the text "old".
struct sandbox_trees {
  sandbox_trees();
  [[nodiscard]] std::string operator()(const std::string& name) const {
    return directory.path() + "/" + name;
  }
  [[nodiscard]] sandbox_plan plan() const;

  temporary_directory directory;
};

/// errno after a call that returned -1; 0 if it succeeded.
template <class Result>
int errno_of(Result returned) {
  return returned == static_cast<Result>(-1) ? errno : 0;
}

/// Opens and closes; errno or 0.
int open_errno(const std::string& path, int flags);

/// An address for a unix socket at the path, and its use.
int bind_unix(int socket, const std::string& path);
int connect_unix(int socket, const std::string& path);

/// Becomes another user when we are root. False when that fails.
bool become_nobody();

/// Makes the call fail with the errno, in this process: an older kernel. With
/// `argument` only if its first argument is that.
bool fake_missing_call(int call, int error, long argument = -1);

} // namespace outrigger::os::test
