#include "net/blocking_job.hpp"

#include <memory>
#include <utility>

#include <boost/asio/steady_timer.hpp>

namespace outrigger {
namespace {

using namespace std::chrono_literals;

constexpr auto full_pause = 5ms;

} // namespace

void run_job(server_context& context, std::function<void()> work,
             std::function<void()> done) {
  if (!context.run_blocking || context.run_blocking(work, done))
    return;
  auto timer = std::make_shared<asio::steady_timer>(context.loop);
  timer->expires_after(full_pause);
  timer->async_wait([&context, timer, work = std::move(work),
                     done = std::move(done)](error_code ec) mutable {
    if (!ec)
      run_job(context, std::move(work), std::move(done));
  });
}

} // namespace outrigger
