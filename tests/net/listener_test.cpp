// Where connections come in: sockets that were handed over, and what happens
// when there are no descriptors left.

#include "net/listener.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>

#include <boost/asio/local/stream_protocol.hpp>

#include "tests/net/server_fixture.hpp"
#include "tests/support/result_text.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;
using tcp = boost::asio::ip::tcp;
using local = boost::asio::local::stream_protocol;

/// A socket that listens, as a service manager would pass it.
int listening(std::uint16_t& port) {
  boost::asio::io_context loop;
  tcp::acceptor acceptor{
      loop, {boost::asio::ip::address_v4::loopback(), std::uint16_t{0}}};
  port = acceptor.local_endpoint().port();
  return acceptor.release();
}

/// No descriptor beyond those that are open; until this object is gone.
class full_table {
public:
  full_table() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    // The lowest free number is where the next one would be.
    const int probe = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::close(probe);
    rlimit less = before_;
    less.rlim_cur = static_cast<rlim_t>(probe);
    ::setrlimit(RLIMIT_NOFILE, &less);
  }
  ~full_table() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  full_table(const full_table&) = delete;
  full_table& operator=(const full_table&) = delete;

private:
  rlimit before_{};
};

/// Client sockets that exist already and connect later.
class waiting_clients {
public:
  waiting_clients(boost::asio::io_context& loop, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      sockets_.emplace_back(loop);
      sockets_.back().open(tcp::v4());
    }
  }
  void connect(std::uint16_t port) {
    for (auto& socket : sockets_) {
      socket.connect({boost::asio::ip::address_v4::loopback(), port});
      socket.non_blocking(true);
    }
  }
  /// How many the server has closed.
  std::size_t closed() {
    std::size_t found = 0;
    for (auto& socket : sockets_) {
      char byte = 0;
      boost::system::error_code ec;
      socket.receive(boost::asio::buffer(&byte, 1), 0, ec);
      found += ec && ec != boost::asio::error::would_block ? 1 : 0;
    }
    return found;
  }

private:
  std::vector<tcp::socket> sockets_;
};

struct room_for_many : server_fixture {
  room_for_many() : server_fixture{limits_of()} {}

  static limits::edge_limits limits_of() {
    limits::edge_limits out;
    out.max_unauthenticated = 1000;
    return out;
  }
};

} // namespace

// -- where it listens ---------------------------------------------------------

TEST_CASE_METHOD(server_fixture, "all addresses are those of both versions") {
  const auto name = served->listen(listen_address{});
  REQUIRE(name);
  const auto all =
      static_cast<std::uint16_t>(std::stoi(name->substr(name->rfind(':') + 1)));
  CHECK(*name == "http://[::]:" + std::to_string(all));
  served->accept();
  raw_client client{loop, all, false};
  CHECK(exchange(client, head("GET", "/terminals")).status == 200);
  tcp::socket six{loop};
  six.connect({boost::asio::ip::address_v6::loopback(), all});
  CHECK(run_until([&] { return counted.accepted == 2; }));
}

// -- sockets handed over ------------------------------------------------------

TEST_CASE_METHOD(server_fixture, "a socket that was handed over is served") {
  std::uint16_t passed = 0;
  const auto name = served->adopt(listening(passed));
  REQUIRE(name);
  CHECK(*name == "http://127.0.0.1:" + std::to_string(passed));
  served->accept();
  raw_client client{loop, passed, false};
  CHECK(exchange(client, head("GET", "/terminals")).status == 200);
}

TEST_CASE_METHOD(server_fixture,
                 "a unix socket that was handed over is served and stays") {
  const auto path = (std::filesystem::temp_directory_path() /
                     ("outrigger-adopt-" + std::to_string(::getpid())))
                        .string();
  boost::asio::io_context elsewhere;
  local::acceptor acceptor{elsewhere, local::endpoint{path}};
  const auto name = served->adopt(acceptor.release());
  REQUIRE(name);
  CHECK(*name == "unix:" + path);
  served->accept();
  local::socket client{loop};
  client.connect(local::endpoint{path});
  REQUIRE(run_until([&] { return counted.accepted == 1; }));
  CHECK(context->unknown.size() == 0); // it is our own uid's
  served->stop(0ms, [] {});
  CHECK(std::filesystem::exists(path)); // the service manager's, not ours
  std::filesystem::remove(path);
}

TEST_CASE_METHOD(server_fixture, "what is no socket is refused and closed") {
  const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  REQUIRE(file >= 0);
  CHECK(served->adopt(file).has_error());
  CHECK(::fcntl(file, F_GETFD) == -1);
  CHECK(served->adopt(-1).has_error());
}

// -- no descriptors -----------------------------------------------------------

TEST_CASE_METHOD(server_fixture,
                 "without descriptors who waits is turned away, not left") {
  waiting_clients clients{loop, 5};
  {
    const full_table full;
    clients.connect(port);
    CHECK(run_until([&] { return clients.closed() == 5; }));
    CHECK(counted.shed == 5);
    CHECK(counted.accept_errors >= 5);
    CHECK(counted.accepted == 0);
  }
  // And as soon as there are some, all is well.
  auto client = connect();
  CHECK(exchange(*client, head("GET", "/terminals")).status == 200);
}

TEST_CASE_METHOD(room_for_many,
                 "strangers go first when descriptors are short") {
  std::vector<std::unique_ptr<raw_client>> silent;
  for (int i = 0; i < 8; ++i)
    silent.push_back(connect());
  REQUIRE(run_until([&] { return counted.accepted == 8; }));
  auto known = connect();
  REQUIRE(exchange(*known, head("GET", "/terminals")).status == 200);
  waiting_clients clients{loop, 1};
  {
    const full_table full;
    clients.connect(port);
    REQUIRE(run_until([&] { return counted.accepted == 10; }));
    CHECK(counted.shed == 0);
    CHECK(counted.evicted == 5); // half of them, and one for the newcomer
  }
  CHECK(clients.closed() == 0);
  CHECK(exchange(*known, head("GET", "/terminals")).status == 200);
}

TEST_CASE_METHOD(server_fixture, "without descriptors nothing spins") {
  waiting_clients clients{loop, 1};
  const full_table full;
  clients.connect(port);
  REQUIRE(run_until([&] { return clients.closed() == 1; }));
  settle();
  // Nobody waits any more: the loop has nothing to do.
  loop.restart();
  CHECK(loop.run_for(50ms) == 0);
}

} // namespace outrigger
