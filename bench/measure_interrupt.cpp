// Ctrl-C during a flood until the prompt is back, for a client that takes
// 10 MB/s, as a browser that renders does.

#include "bench/measure.hpp"

#include <algorithm>
#include <thread>

#include <poll.h>

#include "bench/daemon_process.hpp"
#include "bench/pty.hpp"
#include "bench/websocket_client.hpp"

namespace outrigger::bench {
namespace {

using namespace std::chrono_literals;

constexpr double client_rate = 10e6; // bytes a second
constexpr double burst = 32 * 1024;
constexpr std::uint64_t ack_every = 16 * 1024;
constexpr std::string_view prompt = "@@> ";

command shell() {
  return {"env", "PS1=" + std::string{prompt}, "ENV=", "sh", "-i"};
}

/// Reads at the client's pace and acknowledges, if it is told how.
class paced_client {
public:
  paced_client(source& from, std::uint8_t id)
      : from_{from}, id_{id}, last_{steady::now()} {}

  std::function<void(std::uint64_t bytes)> rendered; // so many more

  /// Reads until `text` has come or `end`; says whether it came.
  bool read_until(std::string_view text, steady::time_point end) {
    std::string seen;
    while (steady::now() < end) {
      const auto budget = refill();
      pollfd entry{from_.fd(), POLLIN, 0};
      if (budget < 4096) {
        std::this_thread::sleep_for(300us);
        continue;
      }
      if (::poll(&entry, 1, 5) <= 0)
        continue;
      std::uint64_t got = 0;
      from_.receive(
          [&](std::uint8_t id, std::string_view bytes) {
            if (id != id_)
              return;
            got += bytes.size();
            seen += bytes;
          },
          static_cast<std::size_t>(budget));
      budget_ -= static_cast<double>(got);
      unrendered_ += got;
      if (rendered && unrendered_ >= ack_every)
        rendered(std::exchange(unrendered_, 0));
      if (!text.empty() && seen.find(text) != std::string::npos)
        return true;
      if (seen.size() > text.size())
        seen.erase(0, seen.size() - text.size());
    }
    return false;
  }

private:
  double refill() {
    const auto now = steady::now();
    budget_ = std::min(burst, budget_ + seconds(now - last_) * client_rate);
    last_ = now;
    return budget_;
  }

  source& from_;
  std::uint8_t id_;
  steady::time_point last_;
  double budget_ = burst;
  std::uint64_t unrendered_ = 0;
};

void interrupt_once(paced_client& client, source& from, std::uint8_t id,
                    const bench_settings& settings, const char* subject,
                    report& out) {
  std::string line = "cat";
  for (int i = 0; i < 20; ++i)
    line += ' ' + settings.lines;
  from.type(id, line + '\r');
  client.read_until({}, steady::now() + (settings.quick ? 700ms : 1500ms));
  const auto begin = steady::now();
  from.type(id, "\x03");
  if (!client.read_until(prompt, begin + 20s))
    out.note(std::string{subject} + ": no prompt within 20 s of a Ctrl-C");
  out.add("Ctrl-C to prompt", subject, "ms",
          seconds(steady::now() - begin) * 1e3, "raw relay");
  client.read_until({}, steady::now() + 20ms);
}

} // namespace

void measure_interrupt(const bench_settings& settings, report& out) {
  daemon_process daemon{settings.daemon, settings.directory};
  const auto plain_id = daemon.create(shell());
  const auto acked_id = daemon.create(shell());
  bare_pty pty{shell()};
  pty_relay relay{shell()};
  const auto target = daemon.socket_target("ext=1&attach=none");
  websocket_client plain_socket{daemon.port(), target};
  websocket_client acked_socket{daemon.port(), target};
  std::uint64_t offset = 0;
  acked_socket.on_text = [&offset](std::string_view text) {
    if (text.find("\"attached\"") != std::string_view::npos)
      offset = number_field(text, "offset");
  };
  const auto attach = [](websocket_client& socket, std::uint8_t id) {
    socket.send_text("{\"channel\":\"terminal\",\"type\":\"attach\",\"id\":\"" +
                     std::to_string(id) + "\",\"after\":0}");
  };
  attach(plain_socket, plain_id);
  attach(acked_socket, acked_id);

  paced_client bare{pty, only_terminal};
  paced_client relayed{relay, only_terminal};
  paced_client plain{plain_socket, plain_id};
  paced_client acked{acked_socket, acked_id};
  acked.rendered = [&](std::uint64_t bytes) {
    offset += bytes;
    acked_socket.send_text(
        "{\"channel\":\"terminal\",\"type\":\"ack\",\"id\":\"" +
        std::to_string(acked_id) + "\",\"offset\":" + std::to_string(offset) +
        '}');
  };
  for (auto* client : {&bare, &relayed, &plain, &acked})
    if (!client->read_until(prompt, steady::now() + 5s))
      throw failure{"interrupt: a shell did not prompt"};
  // The first acks come with the first flood.
  for (int round = 0; round < settings.rounds; ++round) {
    interrupt_once(bare, pty, only_terminal, settings, "bare pty", out);
    interrupt_once(relayed, relay, only_terminal, settings, "raw relay", out);
    interrupt_once(plain, plain_socket, plain_id, settings, "outrigger, plain",
                   out);
    interrupt_once(acked, acked_socket, acked_id, settings, "outrigger, acks",
                   out);
  }
}

} // namespace outrigger::bench
