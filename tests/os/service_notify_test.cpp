// What is told to a service manager, as a fake one hears it.
#include "actors/os/service_notify.hpp"
#include "tests/os/holder_fixture.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <ctime>
#include <map>

namespace outrigger::os::test {

namespace {

constexpr pid_t self = 4711;

/// The manager's end: a datagram socket at a path, or an abstract one.
class fake_manager {
public:
  explicit fake_manager(std::string address) : name(std::move(address)) {
    sockaddr_un bound{};
    bound.sun_family = AF_UNIX;
    std::memcpy(bound.sun_path, name.data(), name.size());
    if (name.front() == '@')
      bound.sun_path[0] = '\0';
    socket.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto length =
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&bound), length) ==
            0);
  }

  /// The next datagram; empty when there is none.
  [[nodiscard]] std::string heard() const {
    char text[4096];
    const auto size = ::recv(socket.get(), text, sizeof text, MSG_DONTWAIT);
    return size > 0 ? std::string(text, static_cast<std::size_t>(size))
                    : std::string();
  }

  std::string name;
  unique_fd socket;
};

result<service_notify> open(std::map<std::string, std::string> variables) {
  return service_notify::open(
      [&variables](const char* name) -> const char* {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
      },
      self);
}

std::optional<std::chrono::microseconds>
interval(std::map<std::string, std::string> variables) {
  variables["NOTIFY_SOCKET"] = "@outrigger-nobody";
  return open(std::move(variables)).value().watchdog_interval();
}

} // namespace

TEST_CASE("a service manager is told what state the daemon is in") {
  const temporary_directory directory;
  const std::string abstract = "@outrigger-test" + directory.path();
  for (const auto& address : {directory.path() + "/notify", abstract}) {
    INFO(address);
    const fake_manager manager(address);
    const auto notify = open({{"NOTIFY_SOCKET", address}}).value();
    CHECK(notify.active());
    CHECK(!notify.ready("serving"));
    CHECK(manager.heard() == "READY=1\nSTATUS=serving");
    CHECK(!notify.ready());
    CHECK(manager.heard() == "READY=1");
    CHECK(!notify.status("3 terminals"));
    CHECK(manager.heard() == "STATUS=3 terminals");
    CHECK(!notify.stopping("draining"));
    CHECK(manager.heard() == "STOPPING=1\nSTATUS=draining");
    CHECK(!notify.watchdog());
    CHECK(manager.heard() == "WATCHDOG=1");
    CHECK(manager.heard().empty());
  }
}

TEST_CASE("a reload is told with the time it began") {
  const temporary_directory directory;
  const fake_manager manager(directory.path() + "/notify");
  const auto notify = open({{"NOTIFY_SOCKET", manager.name}}).value();
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1'000'000 + time.tv_nsec / 1'000;
  };
  const auto before = now();
  CHECK(!notify.reloading());
  const auto after = now();
  const std::string heard = manager.heard();
  const std::string begin = "RELOADING=1\nMONOTONIC_USEC=";
  REQUIRE(heard.starts_with(begin));
  const long long said = std::stoll(heard.substr(begin.size()));
  CHECK(before <= said);
  CHECK(said <= after);
}

TEST_CASE("a status cannot say more than a status") {
  const temporary_directory directory;
  const fake_manager manager(directory.path() + "/notify");
  const auto notify = open({{"NOTIFY_SOCKET", manager.name}}).value();
  CHECK(!notify.status("a\nREADY=1\tb"));
  CHECK(manager.heard() == "STATUS=a READY=1 b");
  CHECK(!notify.status(std::string(5000, 'x')));
  CHECK(manager.heard().size() < 2000);
  CHECK(!notify.status(""));
  CHECK(manager.heard() == "STATUS=");
}

TEST_CASE("without a service manager nothing is sent and nothing fails") {
  for (const auto& notify :
       {service_notify{}.active(), open({}).value().active(),
        open({{"NOTIFY_SOCKET", ""}}).value().active()})
    CHECK_FALSE(notify);
  CHECK(!service_notify{}.ready("serving"));
  CHECK(!open({{"WATCHDOG_USEC", "10"}}).value().watchdog_interval());
}

TEST_CASE("an address that cannot be used is an error") {
  CHECK(open({{"NOTIFY_SOCKET", "relative"}}).error() ==
        os_error(EAFNOSUPPORT));
  CHECK(open({{"NOTIFY_SOCKET", "vsock:2:1234"}}).error() ==
        os_error(EAFNOSUPPORT));
  CHECK(open({{"NOTIFY_SOCKET", "@"}}).error() == os_error(EAFNOSUPPORT));
  CHECK(open({{"NOTIFY_SOCKET", "/" + std::string(107, 'x')}}).error() ==
        os_error(ENAMETOOLONG));
}

TEST_CASE("a manager that is gone or does not listen is an error at once") {
  const temporary_directory directory;
  const std::string path = directory.path() + "/notify";
  const auto notify = open({{"NOTIFY_SOCKET", path}}).value();
  CHECK(notify.ready() == os_error(ENOENT));
  {
    const fake_manager manager(path);
    std::error_code error;
    for (int sent = 0; !error && sent < 100'000; ++sent)
      error = notify.watchdog();
    CHECK(error == os_error(EAGAIN)); // its queue is full; we did not wait
  }
  CHECK(notify.ready() == os_error(ECONNREFUSED));
  REQUIRE(::unlink(path.c_str()) == 0);
  const fake_manager next(path);
  CHECK(!notify.ready());
  CHECK(next.heard() == "READY=1");
}

TEST_CASE("the watchdog is served twice as often as it bites") {
  using std::chrono::microseconds;
  CHECK(interval({{"WATCHDOG_USEC", "30000000"}}) == microseconds(15'000'000));
  CHECK(interval({{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", "4711"}}) ==
        microseconds(15'000'000));
  CHECK_FALSE(
      interval({{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", "4712"}}));
  CHECK_FALSE(interval({{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", "x"}}));
  for (const char* bad : {"", "0", "1", "-5", "30s", "99999999999999999999"})
    CHECK_FALSE(interval({{"WATCHDOG_USEC", bad}}));
  CHECK_FALSE(interval({}));
}

} // namespace outrigger::os::test
