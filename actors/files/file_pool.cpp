#include "actors/files/file_pool.hpp"

#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

namespace outrigger {
namespace {

using namespace std::chrono_literals;

/// When a step that found the pool full is tried again.
constexpr auto retry_after = 20ms;

/// Nothing here throws on purpose; what does must not end the process.
result<rest_answer> run_guarded(const file_work& work, std::stop_token stop) {
  try {
    return work(std::move(stop));
  } catch (const std::exception& failure) {
    spdlog::error("files: {}", failure.what());
    return error{errc::internal, "the file operation failed"};
  }
}

} // namespace

file_pool::~file_pool() {
  stop();
}

void file_pool::stop() {
  for (const auto& each : jobs_)
    each->stop.request_stop();
}

void file_pool::run(pace how, file_work work, answer_function answer,
                    clock::time_point now, const std::stop_token& gone) {
  auto started = std::make_shared<job>();
  started->answer = std::move(answer);
  started->deadline =
      now + (how == pace::quick ? quick_patience : slow_patience);
  if (gone.stop_possible())
    started->left.emplace(
        gone, [stop = started->stop]() mutable { stop.request_stop(); });
  auto outcome = std::make_shared<std::optional<result<rest_answer>>>();
  const auto place = jobs_.insert(jobs_.end(), started);
  const bool taken = pool(how).run(
      [work = std::move(work), outcome, stop = started->stop.get_token()] {
        // Nobody waits for what was overdue before it began.
        if (!stop.stop_requested())
          *outcome = run_guarded(work, stop);
      },
      [weak = weak_from_this(), started, outcome, place] {
        if (auto self = weak.lock())
          self->jobs_.erase(place);
        if (auto give = std::exchange(started->answer, nullptr))
          give(outcome->has_value()
                   ? std::move(**outcome)
                   : result<rest_answer>{error{errc::timeout, "stopped"}});
      });
  if (taken)
    return;
  jobs_.erase(place);
  started->answer(
      error{errc::unavailable, "too many file operations at a time", 1s});
}

bool file_pool::step(pace how, std::function<void()> work,
                     std::function<void()> done) {
  if (pool(how).is_stopped())
    return false;
  auto shared_work = std::make_shared<std::function<void()>>(std::move(work));
  auto shared_done = std::make_shared<std::function<void()>>(std::move(done));
  if (!pool(how).run([shared_work] { (*shared_work)(); },
                     [shared_done] { (*shared_done)(); }))
    try_again(how, std::move(*shared_work), std::move(*shared_done));
  return true;
}

void file_pool::try_again(pace how, std::function<void()> work,
                          std::function<void()> done) {
  auto timer = std::make_shared<boost::asio::steady_timer>(loop_, retry_after);
  timer->async_wait(
      [weak = weak_from_this(), timer, how, work = std::move(work),
       done = std::move(done)](const boost::system::error_code& ec) mutable {
        auto self = weak.lock();
        if (!ec && self)
          self->step(how, std::move(work), std::move(done));
      });
}

void file_pool::post(pace how, file_work work, answer_function answer) {
  boost::asio::post(loop_, [weak = weak_from_this(), how,
                            work = std::move(work),
                            answer = std::move(answer)]() mutable {
    if (auto self = weak.lock())
      self->run(how, std::move(work), std::move(answer), clock::now());
  });
}

void file_pool::sweep(clock::time_point now) {
  for (const auto& each : jobs_) {
    if (now < each->deadline || !each->answer)
      continue;
    each->stop.request_stop();
    std::exchange(each->answer, nullptr)(
        error{errc::timeout, "the file operation was not done in time"});
  }
}

} // namespace outrigger
