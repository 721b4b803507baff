// Bodies far larger than the memory they may take, both ways.

#include <fstream>

#include "tests/net/bulk_peer.hpp"
#include "tests/net/server_fixture.hpp"
#include "tests/net/temporary_file.hpp"
#include "tests/support/self_signed.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

constexpr const char* target = "/api/v1/files/a";
constexpr std::uint64_t mib = 1024 * 1024;

/// Of this process, the client's thread included.
std::uint64_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  statm >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// Sanitizers keep what is freed.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool counts_memory = false;
#else
constexpr bool counts_memory = true;
#endif

class bulk_fixture : public server_fixture {
public:
  bulk_fixture() {
    static_cast<void>(pattern_block());
    auto client = connect(); // what only the first one needs
    exchange(*client, head("GET", "/terminals"));
  }

  /// Runs the script to its end, watching the memory.
  void run(bool tls, std::function<void(bulk_peer&)> script) {
    const auto before = resident_bytes();
    auto most = before;
    bulk_peer peer{port, tls, std::move(script)};
    unsigned turn = 0;
    REQUIRE(run_until(
        [&] {
          if (++turn % 64 == 0)
            most = std::max(most, resident_bytes());
          return peer.done();
        },
        300s));
    CAPTURE(before, most);
    if (counts_memory)
      CHECK(most - before < 8 * mib);
  }

  void offer(file_body body) {
    rest_answer out{200};
    out.file = std::move(body);
    behind.answer = std::move(out);
  }
};

} // namespace

TEST_CASE_METHOD(bulk_fixture, "an upload of 200 MiB takes little memory") {
  const bool chunks = GENERATE(false, true);
  const auto size = 200 * mib;
  std::string answer;
  run(false, [&](bulk_peer& peer) {
    if (chunks)
      peer.send(head("PUT", target, "Transfer-Encoding: chunked\r\n")) &&
          peer.send_chunks(size);
    else
      peer.send(head("PUT", target,
                     "Content-Length: " + std::to_string(size) + "\r\n")) &&
          peer.send_pattern(size);
    answer = peer.read_head();
  });
  CHECK(answer.starts_with("HTTP/1.1 201 "));
  CHECK(behind.sink().bytes == size);
  CHECK(behind.sink().right);
  CHECK_FALSE(behind.sink().pressed);
  CHECK(behind.sink().largest <= limits::max_body_piece);
}

TEST_CASE_METHOD(bulk_fixture, "a file of 1 GiB takes little memory") {
  temporary_file sparse;
  sparse.resize(1024 * mib);
  offer(sparse.part(0, 1024 * mib));
  std::uint64_t got = 0;
  run(false, [&](bulk_peer& peer) {
    peer.send(head("GET", target));
    if (peer.read_head().starts_with("HTTP/1.1 200 "))
      got = peer.skip(1024 * mib);
  });
  CHECK(got == 1024 * mib);
}

TEST_CASE_METHOD(bulk_fixture, "TLS brings both as well") {
  context->tls = test::self_signed();
  const auto size = 64 * mib;
  const temporary_file file{pattern(0, size)};
  offer(file.part(1000, size - 1000));
  std::uint64_t right = 0;
  std::string answer;
  run(true, [&](bulk_peer& peer) {
    peer.send(head("GET", target));
    if (peer.read_head().starts_with("HTTP/1.1 200 "))
      right = peer.check_pattern(1000, size - 1000);
    peer.send(head("PUT", target,
                   "Content-Length: " + std::to_string(size) + "\r\n")) &&
        peer.send_pattern(size);
    answer = peer.read_head();
  });
  CHECK(right == size - 1000);
  CHECK(answer.starts_with("HTTP/1.1 201 "));
  CHECK(behind.sink().bytes == size);
  CHECK(behind.sink().right);
}

TEST_CASE_METHOD(bulk_fixture, "a file with TLS is cut when it gets shorter") {
  context->tls = test::self_signed();
  temporary_file file;
  file.resize(10 * mib);
  offer(file.part(0, 20 * mib));
  std::uint64_t got = 0;
  run(true, [&](bulk_peer& peer) {
    peer.send(head("GET", target));
    if (peer.read_head().starts_with("HTTP/1.1 200 "))
      got = peer.skip(20 * mib);
  });
  CHECK(got <= 10 * mib);
}

TEST_CASE_METHOD(bulk_fixture, "a client with TLS that leaves lets go") {
  context->tls = test::self_signed();
  temporary_file file;
  file.resize(200 * mib);
  offer(file.part(0, 200 * mib));
  run(true, [&](bulk_peer& peer) {
    peer.send(head("GET", target));
    peer.read_head();
    peer.skip(mib);
  });
  behind.answer = rest_answer{200, "{}"};
  CHECK(run_until([&] { return file.is_let_go(); }));
}

} // namespace outrigger
