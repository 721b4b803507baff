#include "tests/os/sandbox_fixture.hpp"

#include "actors/os/unique_fd.hpp"

#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

namespace outrigger::os::test {

namespace {

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

} // namespace

sandbox_trees::sandbox_trees() {
  for (const char* name : {"in", "in2", "read", "sockets", "out"}) {
    std::filesystem::create_directory((*this)(name));
    std::ofstream((*this)(std::string(name) + "/f")) << "old";
  }
  // For the children that are another user.
  std::filesystem::permissions(directory.path(),
                               std::filesystem::perms::others_all,
                               std::filesystem::perm_options::add);
}

sandbox_plan sandbox_trees::plan() const {
  auto plan = system_plan();
  plan.writable.push_back((*this)("in"));
  plan.writable.push_back((*this)("in2"));
  plan.readable.push_back((*this)("read"));
  plan.sockets.push_back((*this)("sockets"));
  return plan;
}

int open_errno(const std::string& path, int flags) {
  const unique_fd opened(::open(path.c_str(), flags | O_CLOEXEC, 0600));
  return opened ? 0 : errno;
}

int bind_unix(int socket, const std::string& path) {
  const auto address = address_of(path);
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address),
                sizeof address);
}

int connect_unix(int socket, const std::string& path) {
  const auto address = address_of(path);
  return ::connect(socket, reinterpret_cast<const sockaddr*>(&address),
                   sizeof address);
}

bool become_nobody() {
  constexpr uid_t nobody = 65534;
  return ::geteuid() != 0 || (::setgroups(0, nullptr) == 0 &&
                              ::setresgid(nobody, nobody, nobody) == 0 &&
                              ::setresuid(nobody, nobody, nobody) == 0);
}

bool fake_missing_call(int call, int error, long argument) {
  scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  const scmp_arg_cmp first{0, SCMP_CMP_EQ, static_cast<scmp_datum_t>(argument),
                           0};
  const bool done =
      ::seccomp_rule_add_array(
          filter, SCMP_ACT_ERRNO(static_cast<std::uint16_t>(error)), call,
          argument < 0 ? 0 : 1, argument < 0 ? nullptr : &first) == 0 &&
      ::seccomp_load(filter) == 0;
  ::seccomp_release(filter);
  return done;
}

} // namespace outrigger::os::test
