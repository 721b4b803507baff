// The control socket against peers that get everything wrong.
#include "tests/os/holder_fixture.hpp"

#include "actors/os/holder_protocol.hpp"
#include "actors/os/listen_socket.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>

namespace outrigger::os::test {

namespace {

// A connection that says what it likes.
class raw_peer {
public:
  explicit raw_peer(const std::string& path)
      : socket_(connect_to(path).value()) {}

  std::error_code send(const std::string& packet, std::vector<int> fds = {}) {
    return holder::send_packet(socket_.get(), packet, fds);
  }
  // The next packet; "" when the holder closed.
  std::string receive() {
    std::string buffer(holder::max_packet, '\0');
    std::string got;
    REQUIRE(eventually([&] {
      const auto packet = holder::receive_packet(socket_.get(), buffer);
      if (!packet)
        return packet.error() != os_error(EAGAIN);
      got = buffer.substr(0, packet->size);
      return true;
    }));
    return got;
  }
  int status_of(const std::string& packet, std::vector<int> fds = {}) {
    REQUIRE(!send(packet, std::move(fds)));
    const auto reply = holder::parse<holder::reply>(receive());
    REQUIRE(reply);
    return reply->status;
  }
  void hello() { REQUIRE(status_of(plain(holder::verb::hello)) == 0); }

  static std::string plain(holder::verb verb) {
    holder::plain_request packet;
    packet.header.verb = verb;
    return holder::to_packet(packet);
  }

private:
  unique_fd socket_;
};

unique_fd memfd_of(const std::string& bytes, int seals) {
  unique_fd fd(::memfd_create("t", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  REQUIRE(::write(fd.get(), bytes.data(), bytes.size()) ==
          static_cast<ssize_t>(bytes.size()));
  REQUIRE(::fcntl(fd.get(), F_ADD_SEALS, seals) == 0);
  return fd;
}

constexpr int all_seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;

struct control_fixture {
  running_holder holder_process;
  std::string path = holder_process.socket();
};

} // namespace

TEST_CASE_METHOD(control_fixture, "a second daemon is told busy, and served "
                                  "once the first is gone") {
  auto first = std::make_unique<daemon_side>(path);
  boost::asio::io_context loop;
  holder_client second(loop);
  CHECK(second.connect(path) == errc::holder_busy);
  CHECK(!first->ping());
  first.reset();
  CHECK(!second.connect(path));
  CHECK(second.holder_pid() == holder_process.pid());
}

TEST_CASE_METHOD(control_fixture, "another version is refused as such") {
  raw_peer peer(path);
  holder::plain_request hello;
  hello.header.verb = holder::verb::hello;
  hello.header.version = 99;
  CHECK(peer.status_of(holder::to_packet(hello)) == EPROTONOSUPPORT);
  CHECK(peer.receive().empty());
}

TEST_CASE_METHOD(control_fixture, "requests before hello are refused") {
  raw_peer peer(path);
  CHECK(peer.status_of(raw_peer::plain(holder::verb::list)) == EPERM);
}

TEST_CASE_METHOD(control_fixture, "packets of any wrong size get an answer or "
                                  "an end") {
  for (std::size_t size = 1; size < 200; ++size) {
    raw_peer peer(path);
    peer.hello();
    std::string packet = raw_peer::plain(holder::verb::spawn);
    packet.resize(size, '\0');
    REQUIRE(!peer.send(packet));
    const auto answer = peer.receive();
    if (size < sizeof(holder::header))
      CHECK(answer.empty());
    else
      CHECK(holder::parse<holder::reply>(answer)->status == EINVAL);
  }
  CHECK(!daemon_side(path).ping());
}

TEST_CASE_METHOD(control_fixture, "unknown verbs and stray descriptors do no "
                                  "harm") {
  raw_peer peer(path);
  peer.hello();
  const auto before = holder_process.open_fds();
  CHECK(peer.status_of(raw_peer::plain(static_cast<holder::verb>(77))) ==
        EOPNOTSUPP);
  CHECK(peer.status_of(raw_peer::plain(holder::verb::exited)) == EOPNOTSUPP);
  CHECK(peer.status_of(raw_peer::plain(holder::verb::ping), {0, 1, 2}) == 0);
  CHECK(peer.status_of(raw_peer::plain(holder::verb::ping) + "x") == EINVAL);
  CHECK(peer.status_of(raw_peer::plain(holder::verb::signal)) == EINVAL);
  CHECK(holder_process.open_fds() == before);
}

TEST_CASE_METHOD(control_fixture, "a spawn is checked field by field") {
  raw_peer peer(path);
  peer.hello();
  const std::string strings("/\0true\0true\0A=b\0", 16);
  const auto memfd = memfd_of(strings, all_seals);
  holder::spawn_request good;
  good.header.verb = holder::verb::spawn;
  good.ring_capacity = 65536;
  good.strings_size = strings.size();
  good.argc = 1;
  good.envc = 1;
  const auto status = [&](auto change, std::vector<int> fds,
                          const std::string& tag = {}) {
    holder::spawn_request packet = good;
    change(packet);
    return peer.status_of(holder::to_packet(packet, tag), std::move(fds));
  };
  const std::vector<int> fd{memfd.get()};
  CHECK(status([](auto& p) { p.kind = static_cast<holder::kind>(9); }, fd) ==
        EINVAL);
  CHECK(status([](auto& p) { p.ring_capacity = 0; }, fd) == EINVAL);
  CHECK(status([](auto& p) { p.ring_capacity = ~0ull; }, fd) == EINVAL);
  CHECK(status([](auto& p) { p.strings_size = ~0ull; }, fd) == EINVAL);
  CHECK(status([](auto& p) { p.strings_size = 0; }, fd) == EINVAL);
  CHECK(status([](auto& p) { p.strings_size = 15; }, fd) == EBADMSG);
  CHECK(status([](auto& p) { p.argc = 0; }, fd) == EBADMSG);
  CHECK(status([](auto& p) { p.argc = 2; }, fd) == EBADMSG);
  CHECK(status([](auto& p) { p.argc = ~0u; }, fd) == EBADMSG);
  CHECK(status([](auto& p) { p.envc = ~0u; }, fd) == EBADMSG);
  CHECK(status([](auto& p) { p.envc = 0; }, fd) == EBADMSG);
  CHECK(status([](auto& p) { p.tag_size = 5; }, fd, "abc") == EINVAL);
  const std::string long_tag(holder::max_tag + 1, 'x');
  CHECK(status([](auto& p) { p.tag_size = holder::max_tag + 1; }, fd,
               long_tag) == EINVAL);
  CHECK(status([](auto&) {}, {}) == EBADF);
  CHECK(status([](auto&) {}, {memfd.get(), memfd.get()}) == EBADF);
  CHECK(status([](auto&) {}, {0}) == EBADF);
  const auto writable = memfd_of(strings, F_SEAL_SHRINK);
  CHECK(status([](auto&) {}, {writable.get()}) == EBADF);
  for (const auto& bad :
       {std::string("/\0true\0true\0Ab=\0", 16).substr(0, 15) + "x",
        std::string("/\0true\0true\0=b\0\0", 16),
        std::string("/\0true\0true\0A_b\0", 16)}) {
    const auto other = memfd_of(bad, all_seals);
    CHECK(status([](auto&) {}, {other.get()}) == EBADMSG);
  }
}

TEST_CASE_METHOD(control_fixture, "random packets never end the holder") {
  std::mt19937 random(12345);
  for (int round = 0; round < 300; ++round) {
    raw_peer peer(path);
    if (round % 2 == 0)
      peer.hello();
    for (int i = 0; i < 10; ++i) {
      holder::key_request packet;
      packet.header.verb = static_cast<holder::verb>(random() % 12);
      if (packet.header.verb == holder::verb::hello)
        packet.header.magic = static_cast<std::uint32_t>(random());
      std::string bytes = holder::to_packet(packet);
      bytes.resize(random() % 1500 + 1, static_cast<char>(random()));
      for (std::size_t at = 8; at < bytes.size(); ++at)
        if (random() % 4 == 0)
          bytes[at] = static_cast<char>(random());
      if (peer.send(bytes, {0}))
        break; // closed on us: as it should
    }
  }
  daemon_side daemon(path);
  CHECK(!daemon.ping());
  CHECK(daemon.list().empty());
}

TEST_CASE_METHOD(control_fixture, "many idle connections do not lock out the "
                                  "daemon") {
  std::vector<raw_peer> idle;
  for (int i = 0; i < 40; ++i)
    idle.emplace_back(path);
  daemon_side daemon(path);
  CHECK(!daemon.ping());
  for (int i = 0; i < 40; ++i)
    idle.emplace_back(path);
  CHECK(!daemon.ping());
}

TEST_CASE_METHOD(control_fixture, "a list is longer than the socket's buffer") {
  daemon_side daemon(path);
  std::vector<std::uint64_t> keys;
  for (int i = 0; i < 150; ++i) {
    auto request = shell("exit 0");
    request.argv = {"/bin/true"};
    request.tag = std::string(1024, 't');
    request.ring_capacity = 4096;
    auto program = daemon.spawn(request);
    REQUIRE(program.has_value());
    keys.push_back((*program)->info().key);
  }
  CHECK(daemon.list().size() == 150);
}

TEST_CASE("packets are parsed only at their exact size") {
  holder::event event;
  event.key = 7;
  const auto bytes = holder::to_packet(event);
  CHECK(holder::parse<holder::event>(bytes)->key == 7);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(
        holder::parse<holder::event>(std::string_view(bytes).substr(0, size)));
  CHECK_FALSE(holder::parse<holder::event>(bytes + "x"));
}

TEST_CASE("spawn strings come back as they went, and truncated never") {
  const holder::spawn_strings strings{
      "/tmp", "sh", {"sh", "", "-c"}, {"A=", "B=c=d"}};
  const auto bytes = holder::to_bytes(strings);
  REQUIRE(bytes);
  const auto back = holder::parse_strings(*bytes, 3, 2);
  REQUIRE(back);
  CHECK(back->cwd == "/tmp");
  CHECK(back->program == "sh");
  CHECK(back->argv == strings.argv);
  CHECK(back->env == strings.env);
  for (std::size_t size = 0; size < bytes->size(); ++size)
    CHECK_FALSE(holder::parse_strings(bytes->substr(0, size), 3, 2));
  CHECK_FALSE(holder::parse_strings(*bytes + std::string(1, '\0'), 3, 2));
  CHECK_FALSE(holder::to_bytes({"/", "a", {std::string("a\0b", 3)}, {}}));
}

} // namespace outrigger::os::test
