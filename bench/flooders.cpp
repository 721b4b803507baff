#include "bench/flooders.hpp"

#include <array>
#include <cerrno>
#include <map>
#include <string_view>

#include <poll.h>
#include <sys/socket.h>

#include "bench/socket.hpp"
#include "bench/statistics.hpp"
#include "bench/websocket_client.hpp"

namespace outrigger::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t message_size = 1024 * 1024; // the largest allowed
constexpr std::size_t piece_size = 256 * 1024;
constexpr auto reconnect_pause = 100ms;

struct flood_target {
  std::uint16_t port;
  std::string target;
};

/// A binary frame of the largest size for a terminal, masked with zeros.
std::string largest_frame(std::uint8_t terminal) {
  std::string frame{"\x82\xff\0\0\0\0\0\x10\0\0\0\0\0\0", 14};
  frame += static_cast<char>(terminal);
  frame.resize(14 + message_size, 'x');
  return frame;
}

class flooder {
public:
  flooder(const flood_target& at, flooder_plan plan, std::string_view frame,
          flood_figures& figures)
      : at_{at}, plan_{plan}, frame_{frame}, figures_{figures} {}

  void connect_if_due() {
    if (fd_.get() >= 0 || steady::now() < due_)
      return;
    due_ = steady::now() + reconnect_pause;
    try {
      auto fd = open_websocket(at_.port, at_.target);
      if (!plan_.sends)
        attach(fd.get());
      fd_ = std::move(fd);
      sent_ = 0;
      ++figures_.connected;
    } catch (const failure&) {
      ++figures_.refused;
    }
  }

  /// What it waits for.
  [[nodiscard]] pollfd waits() const {
    const auto end = static_cast<short>(POLLRDHUP);
    const auto both = static_cast<short>(POLLIN | POLLOUT);
    return {fd_.get(), plan_.sends ? both : end, 0};
  }

  void ready(short events) {
    if ((events & (POLLRDHUP | POLLHUP | POLLERR)) != 0 ||
        ((events & POLLIN) != 0 && !discard()) ||
        ((events & POLLOUT) != 0 && !send_more())) {
      fd_.reset();
      ++figures_.closed;
    }
  }

private:
  void attach(int fd) const {
    send_frame(fd, text_frame,
               R"({"channel":"terminal","type":"attach","id":")" +
                   std::to_string(plan_.terminal) + "\"}");
  }

  [[nodiscard]] bool discard() const {
    std::array<char, 4096> bytes;
    return ::recv(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT) > 0;
  }

  bool send_more() {
    const auto rest = frame_.substr(sent_, piece_size);
    const auto sent = ::send(fd_.get(), rest.data(), rest.size(),
                             MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0)
      return errno == EAGAIN;
    sent_ = (sent_ + static_cast<std::size_t>(sent)) % frame_.size();
    figures_.sent_bytes += static_cast<std::uint64_t>(sent);
    return true;
  }

  const flood_target& at_;
  flooder_plan plan_;
  std::string_view frame_;
  flood_figures& figures_;
  owned_fd fd_;
  std::size_t sent_ = 0; // bytes of the frame
  steady::time_point due_;
};

void flood(const flood_target& at, const std::vector<flooder_plan>& plans,
           flood_figures& figures) {
  std::map<std::uint8_t, std::string> frames;
  std::vector<flooder> all;
  for (const auto& plan : plans) {
    auto& frame = frames[plan.terminal];
    if (frame.empty())
      frame = largest_frame(plan.terminal);
    all.emplace_back(at, plan, frame, figures);
  }
  std::vector<pollfd> fds(all.size());
  for (;;) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].connect_if_due();
      fds[i] = all[i].waits();
    }
    ::poll(fds.data(), fds.size(), 50);
    for (std::size_t i = 0; i < all.size(); ++i)
      if (fds[i].revents != 0)
        all[i].ready(fds[i].revents);
  }
}

} // namespace

flooders::flooders(std::uint16_t port, std::string target,
                   const std::vector<flooder_plan>& plans)
    : process_{[&, at = flood_target{port, std::move(target)}] {
        flood(at, plans, *figures_);
      }} {}

} // namespace outrigger::bench
