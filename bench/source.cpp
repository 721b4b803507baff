#include "bench/source.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include <poll.h>

namespace outrigger::bench {
namespace {

/// One key at a time into one terminal. Every hundredth key is Return, so
/// that the line discipline's line stays short; its echo is two bytes long
/// and not timed.
class typist {
public:
  typist(source& into, std::uint8_t id, std::chrono::microseconds gap)
      : into_{into}, id_{id}, gap_{gap}, next_{steady::now()} {}

  void type_if_due(steady::time_point now) {
    if (pending_ > 0 || now < next_)
      return;
    const bool line_end = ++typed_ % 100 == 0;
    pending_ = line_end ? 2 : 1;
    timed_ = !line_end;
    typed_at_ = steady::now();
    into_.type(id_, line_end ? "\r" : "k");
  }

  void heard(std::size_t bytes, std::vector<double>& echo_us) {
    if (pending_ == 0)
      return;
    const auto now = steady::now();
    if (timed_)
      echo_us.push_back(microseconds(now - typed_at_));
    timed_ = false;
    pending_ -= std::min(bytes, pending_);
    next_ = now + gap_;
  }

  [[nodiscard]] bool waiting() const { return pending_ > 0; }
  [[nodiscard]] steady::time_point due() const { return next_; }

private:
  source& into_;
  std::uint8_t id_;
  std::chrono::microseconds gap_;
  steady::time_point next_;
  steady::time_point typed_at_;
  std::size_t pending_ = 0; // bytes of echo still to come
  std::size_t typed_ = 0;
  bool timed_ = false;
};

int wait_readable(std::vector<pollfd>& fds, steady::duration time) {
  using namespace std::chrono;
  const auto ns = duration_cast<nanoseconds>(
      std::clamp<steady::duration>(time, 0ns, 100ms));
  const timespec limit{0, static_cast<long>(ns.count() % 1'000'000'000)};
  return ::ppoll(fds.data(), fds.size(), &limit, nullptr);
}

} // namespace

double drive_result::mb_per_s() const {
  const auto total =
      std::accumulate(bytes.begin(), bytes.end(), std::uint64_t{0});
  return seconds > 0 ? static_cast<double>(total) / 1e6 / seconds : 0;
}

drive_result& drive_result::operator+=(const drive_result& next) {
  echo_us.insert(echo_us.end(), next.echo_us.begin(), next.echo_us.end());
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] += next.bytes[i];
  seconds += next.seconds;
  keys_lost += next.keys_lost;
  return *this;
}

drive_result drive(const drive_plan& plan) {
  drive_result result;
  result.bytes.resize(plan.sources.size());
  std::vector<pollfd> fds;
  for (auto* from : plan.sources)
    fds.push_back({from->fd(), POLLIN, 0});
  const bool typing = plan.echo_id != 0;
  typist keys{*plan.sources.front(), plan.echo_id, plan.gap};
  const auto begin = steady::now();
  const auto end =
      begin + std::chrono::duration_cast<steady::duration>(plan.time);
  std::size_t complete = 0;
  for (;;) {
    const auto now = steady::now();
    if (now >= end || result.echo_us.size() >= plan.keys ||
        complete == plan.sources.size())
      break;
    if (typing)
      keys.type_if_due(now);
    const auto until =
        typing && !keys.waiting() ? std::min(end, keys.due()) : end;
    wait_readable(fds, until - now);
    for (std::size_t i = 0; i < fds.size(); ++i) {
      if (fds[i].revents == 0)
        continue;
      auto& count = result.bytes[i];
      const bool was_complete = count >= plan.bytes_each;
      const bool open = plan.sources[i]->receive(
          [&](std::uint8_t id, std::string_view bytes) {
            if (typing && id == plan.echo_id) {
              if (i == 0)
                keys.heard(bytes.size(), result.echo_us);
            } else {
              count += bytes.size();
            }
          },
          read_size);
      if (!open)
        fds[i].fd = -1;
      if (!was_complete && (!open || count >= plan.bytes_each))
        ++complete;
    }
  }
  result.seconds = seconds(steady::now() - begin);
  result.keys_lost = typing && keys.waiting() ? 1 : 0;
  return result;
}

void wait_for(source& from, std::uint8_t id, std::string_view text) {
  std::string seen;
  std::vector<pollfd> fds{{from.fd(), POLLIN, 0}};
  const auto end = steady::now() + std::chrono::seconds{10};
  while (seen.find(text) == std::string::npos) {
    if (steady::now() >= end)
      throw failure{"terminal did not print what was expected in 10 s"};
    if (wait_readable(fds, end - steady::now()) <= 0)
      continue;
    const auto keep = seen.size() > text.size() ? seen.size() - text.size() : 0;
    seen.erase(0, keep);
    if (!from.receive(
            [&](std::uint8_t which, std::string_view bytes) {
              if (which == id)
                seen += bytes;
            },
            read_size))
      throw failure{"terminal ended before it printed what was expected"};
  }
}

} // namespace outrigger::bench
