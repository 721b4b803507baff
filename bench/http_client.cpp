#include "bench/http_client.hpp"

#include <array>
#include <charconv>
#include <string_view>

#include <poll.h>
#include <sys/socket.h>

#include "bench/socket.hpp"
#include "bench/source.hpp"

namespace outrigger::bench {
namespace {

std::string get_request(std::uint16_t port, const std::string& target,
                        const std::string& token) {
  return "GET " + target +
         " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
         (token.empty() ? "" : "\r\nAuthorization: Bearer " + token) +
         "\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n";
}

class asker {
public:
  asker(std::uint16_t port, std::string request)
      : fd_{connect_to(port)}, request_{std::move(request)} {}

  [[nodiscard]] int fd() const { return fd_.get(); }

  void ask() {
    asked_ = steady::now();
    if (!send_all(fd(), request_))
      throw failure{"a server closed a keep-alive connection"};
  }

  /// True when the answer is complete; more may be waiting otherwise.
  bool take() {
    const auto got =
        ::recv(fd(), bytes_.data() + size_, bytes_.size() - size_, 0);
    if (got <= 0)
      throw failure{"a server closed a keep-alive connection"};
    size_ += static_cast<std::size_t>(got);
    const std::string_view answer{bytes_.data(), size_};
    if (answer_size(answer) == 0 || answer_size(answer) > size_)
      return false;
    if (!answer.starts_with("HTTP/1.1 200"))
      throw failure{"a server answered " + std::string{answer}};
    size_ = 0;
    return true;
  }

  [[nodiscard]] steady::time_point asked() const { return asked_; }

private:
  owned_fd fd_;
  std::string request_;
  std::array<char, 16384> bytes_;
  std::size_t size_ = 0;
  steady::time_point asked_;
};

} // namespace

std::size_t answer_size(std::string_view bytes) {
  static constexpr std::string_view name = "\r\nContent-Length: ";
  const auto end = bytes.find("\r\n\r\n");
  const auto at = bytes.find(name);
  if (end == bytes.npos || at >= end)
    return 0;
  std::size_t size = 0;
  std::from_chars(bytes.data() + at + name.size(), bytes.data() + end, size);
  return end + 4 + size;
}

http_result ask_repeatedly(const http_load& load) {
  std::vector<asker> askers;
  std::vector<pollfd> fds;
  for (std::size_t i = 0; i < load.connections; ++i) {
    askers.emplace_back(load.port, get_request(load.port, load.target, {}));
    fds.push_back({askers.back().fd(), POLLIN, 0});
  }
  http_result out;
  const auto begin = steady::now();
  const auto end =
      begin + std::chrono::duration_cast<steady::duration>(load.time);
  for (auto& one : askers)
    one.ask();
  for (auto now = begin; now < end; now = steady::now()) {
    if (::poll(fds.data(), fds.size(), 1000) <= 0)
      throw failure{"a server does not answer"};
    for (std::size_t i = 0; i < fds.size(); ++i) {
      if (fds[i].revents == 0 || !askers[i].take())
        continue;
      ++out.requests;
      out.latency_us.push_back(microseconds(steady::now() - askers[i].asked()));
      askers[i].ask();
    }
  }
  out.seconds = seconds(steady::now() - begin);
  return out;
}

std::string get_once(std::uint16_t port, const std::string& target,
                     const std::string& token) {
  const auto fd = connect_to(port);
  const linger reset{1, 0}; // thousands would fill the ports with TIME_WAIT
  ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  if (!send_all(fd.get(), get_request(port, target, token)))
    return {};
  std::string answer;
  for (;;) {
    std::array<char, 16384> bytes;
    const auto got = ::recv(fd.get(), bytes.data(), bytes.size(), 0);
    if (got <= 0)
      return {};
    answer.append(bytes.data(), static_cast<std::size_t>(got));
    const auto whole = answer_size(answer);
    if (whole > 0 && whole <= answer.size())
      return answer;
  }
}

} // namespace outrigger::bench
