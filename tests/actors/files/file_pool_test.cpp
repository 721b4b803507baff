// Calls on the pool's threads: each is answered once, whatever happens.
#include "actors/files/file_pool.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

#include <catch2/catch.hpp>

#include "actors/files/file_stream.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

struct world {
  world() : pool{std::make_shared<file_pool>(loop, quick, slow)} {}
  ~world() {
    quick.stop();
    slow.stop();
  }

  answer_function keep() {
    return [this](result<rest_answer> got) {
      answers.push_back(got ? got->body : got.error().detail);
    };
  }

  boost::asio::io_context loop;
  os::worker_pool quick{loop, 1, 2};
  os::worker_pool slow{loop, 1, 2};
  std::shared_ptr<file_pool> pool;
  file_pool::clock::time_point now = file_pool::clock::now();
  std::vector<std::string> answers;
};

file_work say(std::string text) {
  return [text](std::stop_token) { return rest_answer{200, text}; };
}

} // namespace

TEST_CASE_METHOD(world, "work is done on a thread and answered on the loop") {
  pool->run(pace::quick, say("quick"), keep(), now);
  pool->run(pace::slow, say("slow"), keep(), now);
  loop.run();
  std::sort(answers.begin(), answers.end());
  CHECK(answers == std::vector<std::string>{"quick", "slow"});
  CHECK(pool->size() == 0);
}

TEST_CASE_METHOD(world, "what is too much is refused at once") {
  std::promise<void> go;
  auto wait = go.get_future().share();
  for (int i = 0; i < 2; ++i)
    pool->run(
        pace::quick,
        [wait](std::stop_token) {
          wait.wait();
          return rest_answer{200, "done"};
        },
        keep(), now);
  pool->run(pace::quick, say("third"), keep(), now);
  CHECK(answers ==
        std::vector<std::string>{"too many file operations at a time"});
  pool->run(pace::slow, say("slow"), keep(), now); // has threads of its own
  go.set_value();
  loop.run();
  CHECK(answers.size() == 4);
}

TEST_CASE_METHOD(world, "what is overdue is answered once and told to stop") {
  std::promise<void> began;
  std::atomic<bool> stopped{false};
  pool->run(
      pace::quick,
      [&](std::stop_token stop) {
        began.set_value();
        while (!stop.stop_requested())
          std::this_thread::yield();
        stopped = true;
        return rest_answer{200, "late"};
      },
      keep(), now);
  began.get_future().wait();
  pool->sweep(now + file_pool::quick_patience - 1s);
  CHECK(answers.empty());
  pool->sweep(now + file_pool::quick_patience);
  pool->sweep(now + file_pool::quick_patience);
  CHECK(answers ==
        std::vector<std::string>{"the file operation was not done in time"});
  loop.run();
  CHECK(stopped);
  CHECK(answers.size() == 1);
  CHECK(pool->size() == 0);
}

TEST_CASE_METHOD(world, "work is told to stop when nobody waits for it") {
  std::stop_source client;
  std::promise<void> began;
  pool->run(
      pace::slow,
      [&](std::stop_token stop) {
        began.set_value();
        while (!stop.stop_requested())
          std::this_thread::yield();
        return rest_answer{200, "to nobody"};
      },
      keep(), now, client.get_token());
  pool->run(pace::slow, say("not begun"), keep(), now, client.get_token());
  began.get_future().wait();
  client.request_stop();
  loop.run(); // ends
  CHECK(answers == std::vector<std::string>{"to nobody", "stopped"});
}

TEST_CASE_METHOD(world, "an exception is an answer, not the end") {
  pool->run(
      pace::quick,
      [](std::stop_token) -> result<rest_answer> {
        throw std::runtime_error{"bad"};
      },
      keep(), now);
  loop.run();
  CHECK(answers == std::vector<std::string>{"the file operation failed"});
}

TEST_CASE_METHOD(world, "a step that finds no room is taken later") {
  std::promise<void> go;
  auto wait = go.get_future().share();
  int done = 0;
  for (int i = 0; i < 5; ++i)
    CHECK(pool->step(
        pace::quick, [wait] { wait.wait(); }, [&done] { ++done; }));
  go.set_value();
  loop.run();
  CHECK(done == 5);
}

TEST_CASE_METHOD(world, "a body that nobody wants ends on a thread") {
  struct counted final : body_producer {
    explicit counted(std::promise<std::thread::id>& end) : end_{end} {}
    ~counted() override { end_.set_value(std::this_thread::get_id()); }
    result<std::string> produce(const std::stop_token&) override {
      return std::string{"x"};
    }
    std::promise<std::thread::id>& end_;
  };
  std::promise<std::thread::id> end;
  auto source = make_source(pool, pace::quick, std::make_unique<counted>(end));
  std::string got;
  source->next([&](result<std::string> piece) { got = piece.value(); });
  loop.run();
  CHECK(got == "x");
  source.reset();
  CHECK(end.get_future().get() != std::this_thread::get_id());
}

TEST_CASE_METHOD(world, "a body that nobody wants is not made any longer") {
  struct endless final : body_producer {
    explicit endless(std::promise<void>& began) : began_{began} {}
    result<std::string> produce(const std::stop_token& stop) override {
      began_.set_value();
      while (!stop.stop_requested())
        std::this_thread::yield();
      return std::string{};
    }
    std::promise<void>& began_;
  };
  std::promise<void> began;
  auto source = make_source(pool, pace::slow, std::make_unique<endless>(began));
  source->next([](const result<std::string>&) {});
  began.get_future().wait();
  pool->run(pace::quick, say("quick"), keep(), now); // not kept waiting
  pool->run(pace::slow, say("slow"), keep(), now);
  source.reset();
  loop.run(); // ends
  std::sort(answers.begin(), answers.end());
  CHECK(answers == std::vector<std::string>{"quick", "slow"});
}

namespace {

/// Fails as it is told, and notes when it goes.
class failing_consumer final : public body_consumer {
public:
  failing_consumer(std::function<result<void>()> taking, bool& gone)
      : taking_{std::move(taking)}, gone_{gone} {}
  ~failing_consumer() override { gone_ = true; }
  result<void> take(std::string) override { return taking_(); }
  result<rest_answer> finish(std::stop_token) override {
    return rest_answer{201, "stored"};
  }

private:
  std::function<result<void>()> taking_;
  bool& gone_;
};

} // namespace

TEST_CASE_METHOD(world, "what a body leaves is gone before its end is told") {
  bool gone = false;
  const auto sink = [&](std::function<result<void>()> taking) {
    return make_sink(pool, std::make_unique<failing_consumer>(taking, gone));
  };
  bool told = false;
  SECTION("it fails") {
    const auto failing = sink([] { return error{errc::internal, "full"}; });
    failing->write("x", [&](result<void> taken) {
      told = !taken && taken.error().detail == "full" && gone;
    });
    loop.run();
  }
  SECTION("it throws") {
    const auto failing =
        sink([]() -> result<void> { throw std::runtime_error{"why"}; });
    failing->write("x", [&](result<void> taken) {
      told = !taken && taken.error().code == errc::internal && gone;
    });
    loop.run();
  }
  SECTION("it is whole") {
    const auto whole = sink([] { return result<void>{}; });
    whole->finish([&](result<rest_answer> got) {
      told = got && got->body == "stored" && gone;
    });
    loop.run();
  }
  CHECK(told);
}

} // namespace outrigger
