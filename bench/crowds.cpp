#include "bench/crowds.hpp"

#include <array>
#include <cerrno>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/epoll.h>
#include <sys/socket.h>

#include "bench/socket.hpp"
#include "bench/statistics.hpp"
#include "bench/websocket_client.hpp"

namespace outrigger::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto opening_patience = 120s;
constexpr auto byte_interval = 100ms;

/// One of many; nothing is told to it, so nothing needs to be parsed.
class stranger {
public:
  explicit stranger(std::uint16_t port)
      : port_{port}, head_{"GET /terminals HTTP/1.1\r\nHost: 127.0.0.1:" +
                           std::to_string(port) +
                           "\r\nUser-Agent: a slow one\r\nAccept: */*\r\n"
                           "Accept-Language: en\r\nX-Padding: "} {}

  /// Sends the next byte. True when it had to connect first.
  bool send_a_byte() {
    const bool connects = fd_.get() < 0 || was_dropped();
    if (connects) {
      fd_ = connect_to(port_);
      sent_ = 0;
    }
    const char byte = sent_ < head_.size() ? head_[sent_] : 'x';
    ++sent_;
    ::send(fd_.get(), &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    return connects;
  }

private:
  /// Whether there is an end, an error or an answer, which is a refusal.
  [[nodiscard]] bool was_dropped() const {
    char byte = 0;
    return ::recv(fd_.get(), &byte, 1, MSG_DONTWAIT) >= 0 || errno != EAGAIN;
  }

  std::uint16_t port_;
  std::string head_;
  owned_fd fd_;
  std::size_t sent_ = 0;
};

} // namespace

idle_sockets::idle_sockets(std::uint16_t port, const std::string& target,
                           std::size_t count) {
  process_ = std::make_unique<child_process>([&] { run(port, target, count); });
  const auto end = steady::now() + opening_patience;
  while (figures_->open < count) {
    if (!process_->alive() || steady::now() > end)
      throw failure{"only " + std::to_string(figures_->open) + " of " +
                    std::to_string(count) + " idle sockets opened"};
    std::this_thread::sleep_for(10ms);
  }
}

void idle_sockets::run(std::uint16_t port, const std::string& target,
                       std::size_t count) {
  static constexpr std::string_view pong{"\x8a\x80\0\0\0\0", 6};
  std::vector<owned_fd> sockets;
  const owned_fd readable{::epoll_create1(EPOLL_CLOEXEC)};
  while (sockets.size() < count) {
    auto fd = open_websocket(port, target);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd.get();
    ::epoll_ctl(readable.get(), EPOLL_CTL_ADD, fd.get(), &event);
    sockets.push_back(std::move(fd));
    ++figures_->open;
  }
  for (;;) {
    std::array<epoll_event, 64> events;
    const int some =
        ::epoll_wait(readable.get(), events.data(), events.size(), -1);
    for (int i = 0; i < some; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      std::array<char, 4096> ping; // nothing else is sent to it
      if (::recv(fd, ping.data(), ping.size(), 0) > 0) {
        send_all(fd, pong);
        continue;
      }
      ::epoll_ctl(readable.get(), EPOLL_CTL_DEL, fd, nullptr);
      ++figures_->lost;
    }
  }
}

slow_strangers::slow_strangers(std::uint16_t port, std::size_t count) {
  process_ = std::make_unique<child_process>([&] { run(port, count); });
}

void slow_strangers::run(std::uint16_t port, std::size_t count) {
  std::vector<stranger> all;
  for (std::size_t i = 0; i < count; ++i)
    all.emplace_back(port);
  const auto step = std::chrono::duration_cast<steady::duration>(
      byte_interval / static_cast<double>(count));
  for (auto due = steady::now();;)
    for (auto& one : all) {
      std::this_thread::sleep_until(due += step);
      if (one.send_a_byte())
        ++*connects_;
    }
}

} // namespace outrigger::bench
