// The pool: order, bounds, and what stop means.
#include "actors/os/worker_pool.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

namespace outrigger::os {

TEST_CASE("work runs elsewhere, its end on the loop") {
  boost::asio::io_context loop;
  worker_pool pool(loop);
  std::thread::id worked;
  std::thread::id finished;
  REQUIRE(pool.run([&] { worked = std::this_thread::get_id(); },
                   [&] { finished = std::this_thread::get_id(); }));
  loop.run(); // returns only after the result arrived
  CHECK(worked != std::thread::id());
  CHECK(worked != std::this_thread::get_id());
  CHECK(finished == std::this_thread::get_id());
}

TEST_CASE("a full queue refuses, and accepts again") {
  boost::asio::io_context loop;
  worker_pool pool(loop, 1, 2);
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  REQUIRE(pool.run([opened] { opened.wait(); }, {}));
  REQUIRE(pool.run([] {}, {}));
  CHECK_FALSE(pool.run([] {}, {}));
  gate.set_value();
  loop.run();
  CHECK(pool.run([] {}, {}));
}

TEST_CASE("one thread finishes jobs in their order") {
  boost::asio::io_context loop;
  worker_pool pool(loop, 1);
  std::vector<int> order;
  for (int i = 0; i < 100; ++i)
    REQUIRE(pool.run([] {}, [&order, i] { order.push_back(i); }));
  loop.run();
  REQUIRE(order.size() == 100);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("stop waits for what runs, drops the rest, and ends nothing") {
  boost::asio::io_context loop;
  worker_pool pool(loop, 1, 16);
  std::promise<void> begun;
  std::atomic<bool> stopping{false};
  std::atomic<bool> completed{false};
  std::atomic<int> later{0};
  int done = 0;
  REQUIRE(pool.run(
      [&] {
        begun.set_value();
        while (!stopping)
          std::this_thread::yield();
        completed = true;
      },
      [&] { ++done; }));
  for (int i = 0; i < 5; ++i)
    REQUIRE(pool.run([&] { ++later; }, [&] { ++done; }));
  begun.get_future().wait();
  std::thread release([&] { stopping = true; });
  pool.stop();
  CHECK(completed);
  release.join();
  loop.run();
  CHECK(done == 0);
  CHECK_FALSE(pool.run([] {}, {}));
  pool.stop();
}

} // namespace outrigger::os
