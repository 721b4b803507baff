// Sockets a service manager opened for the daemon.
#include "actors/os/passed_sockets.hpp"
#include "tests/os/holder_fixture.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <map>

namespace outrigger::os::test {

namespace {

constexpr pid_t self = 4711;
/// Numbers nothing else of the test uses.
constexpr int first = 700;

using variables = std::map<std::string, std::string>;

passed_sockets_result take(const variables& given) {
  return take_passed_sockets(
      [&given](const char* name) -> const char* {
        const auto found = given.find(name);
        return found == given.end() ? nullptr : found->second.c_str();
      },
      self, first);
}

variables listen_variables(const std::string& count) {
  return {{"LISTEN_PID", std::to_string(self)}, {"LISTEN_FDS", count}};
}

/// Moves a descriptor to where a passed one would be, inheritable.
void pass(unique_fd fd, int number) {
  REQUIRE(fd);
  REQUIRE(::dup2(fd.get(), number) == number);
}

unique_fd tcp(int type = SOCK_STREAM) {
  unique_fd socket(::socket(AF_INET, type, 0));
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&any), sizeof any) ==
          0);
  return socket;
}

unique_fd listening_tcp() {
  auto socket = tcp();
  REQUIRE(::listen(socket.get(), 1) == 0);
  return socket;
}

unique_fd listening_unix(const std::string& path, int type = SOCK_STREAM) {
  unique_fd socket(::socket(AF_UNIX, type, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address),
                 sizeof address) == 0);
  REQUIRE(::listen(socket.get(), 1) == 0);
  return socket;
}

unique_fd listening_abstract(const std::string& name) {
  unique_fd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto size = offsetof(sockaddr_un, sun_path) + 1 + name.size();
  REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address),
                 static_cast<socklen_t>(size)) == 0);
  REQUIRE(::listen(socket.get(), 1) == 0);
  return socket;
}

/// None where there is no IPv6.
unique_fd listening_tcp6() {
  unique_fd socket(::socket(AF_INET6, SOCK_STREAM, 0));
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  any.sin6_addr = in6addr_loopback;
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&any), sizeof any) !=
          0 ||
      ::listen(socket.get(), 1) != 0)
    socket.reset();
  return socket;
}

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

} // namespace

TEST_CASE("passed sockets come with their names, private and non-blocking") {
  const temporary_directory directory;
  pass(listening_tcp(), first);
  pass(listening_unix(directory.path() + "/s"), first + 1);
  auto given = listen_variables("2");
  given["LISTEN_FDNAMES"] = "web:local";
  {
    const auto taken = take(given);
    REQUIRE(taken.has_value());
    REQUIRE(taken->size() == 2);
    CHECK((*taken)[0].fd.get() == first);
    CHECK((*taken)[0].name == "web");
    CHECK_FALSE((*taken)[0].is_unix);
    CHECK((*taken)[1].name == "local");
    CHECK((*taken)[1].is_unix);
    for (const auto& passed : *taken) {
      CHECK((::fcntl(passed.fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
      CHECK((::fcntl(passed.fd.get(), F_GETFL) & O_NONBLOCK) != 0);
      CHECK(::accept(passed.fd.get(), nullptr, nullptr) == -1);
      CHECK(errno == EAGAIN);
    }
  }
  CHECK_FALSE(is_open(first));
  CHECK_FALSE(is_open(first + 1));
}

TEST_CASE("passed sockets say where they listen") {
  const temporary_directory directory;
  const auto address = [](unique_fd socket) {
    pass(std::move(socket), first);
    return take(listen_variables("1")).value().front().address;
  };
  const auto port_of = [](const std::string& text) {
    return std::stoi(text.substr(text.rfind(':') + 1));
  };
  const std::string ip4 = address(listening_tcp());
  CHECK(ip4.starts_with("127.0.0.1:"));
  CHECK(port_of(ip4) > 0);
  CHECK(address(listening_unix(directory.path() + "/s")) ==
        "unix:" + directory.path() + "/s");
  CHECK(address(listening_abstract("outrigger" + directory.path())) ==
        "unix:@outrigger" + directory.path());
  if (auto ip6 = listening_tcp6()) {
    const std::string text = address(std::move(ip6));
    CHECK(text.starts_with("[::1]:"));
    CHECK(port_of(text) > 0);
  } else {
    WARN("no IPv6 here: its addresses are not tested");
  }
}

TEST_CASE("passed sockets without names are unknown") {
  pass(listening_tcp(), first);
  CHECK(take(listen_variables("1")).value().front().name == "unknown");
}

TEST_CASE("sockets passed to another process are left alone") {
  pass(listening_tcp(), first);
  const unique_fd closes(first);
  CHECK(take({}).value().empty());
  CHECK(take({{"LISTEN_FDS", "1"}}).value().empty());
  CHECK(take({{"LISTEN_PID", "4712"}, {"LISTEN_FDS", "1"}}).value().empty());
  CHECK(take({{"LISTEN_PID", "471"}, {"LISTEN_FDS", "1"}}).value().empty());
  CHECK(take({{"LISTEN_PID", "4711 "}, {"LISTEN_FDS", "1"}}).value().empty());
  CHECK(take(listen_variables("0")).value().empty());
  CHECK(is_open(first));
}

TEST_CASE("what does not listen for streams is refused by name and number") {
  const temporary_directory directory;
  const auto refused = [](unique_fd bad) {
    pass(listening_tcp(), first);
    pass(std::move(bad), first + 1);
    pass(listening_tcp(), first + 2);
    auto given = listen_variables("3");
    given["LISTEN_FDNAMES"] = "web:bad:more";
    const auto taken = take(given);
    REQUIRE(taken.has_error());
    for (int fd = first; fd < first + 3; ++fd)
      CHECK_FALSE(is_open(fd)); // the good ones too
    return taken.error().message();
  };
  const std::string who = "passed socket 701 (bad): ";
  CHECK(refused(tcp()) == who + "not a listening socket");
  CHECK(refused(tcp(SOCK_DGRAM)) == who + "not a stream socket");
  CHECK(refused(listening_unix(directory.path() + "/s", SOCK_SEQPACKET)) ==
        who + "not a stream socket");
  CHECK(refused(unique_fd(::open("/dev/null", O_RDONLY))) ==
        who + "not a socket");
  CHECK(refused(unique_fd(::socket(AF_NETLINK, SOCK_RAW, 0))) ==
        who + "neither TCP nor unix");
}

TEST_CASE("passed sockets that are not there, or not so many, are refused") {
  CHECK(take(listen_variables("1")).error().message() ==
        "passed socket 700 (unknown): no such descriptor");
  for (const char* count : {"", "x", "-1", "65", "99999999999999999999"})
    CHECK(take(listen_variables(count)).has_error());
  CHECK(take({{"LISTEN_PID", "4711"}}).has_error());
  pass(listening_tcp(), first);
  auto given = listen_variables("1");
  given["LISTEN_FDNAMES"] = "a:b";
  CHECK(take(given).error().message() ==
        "LISTEN_FDNAMES has 2 names for 1 sockets");
}

} // namespace outrigger::os::test
