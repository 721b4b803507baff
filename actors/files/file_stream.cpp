#include "actors/files/file_stream.hpp"

#include <exception>
#include <optional>
#include <utility>

#include <spdlog/spdlog.h>

namespace outrigger {
namespace {

const error stopping{errc::unavailable, "the daemon stops"};

/// Ends something on a pool's thread: it may have files to remove.
template <class T>
void end_on_thread(file_pool& pool, std::shared_ptr<T> last) {
  auto held = std::make_shared<std::shared_ptr<T>>(std::move(last));
  pool.step(
      pace::quick, [held] { held->reset(); }, [] {});
}

/// Nothing here throws on purpose; what does must not end the process.
template <class T, class Work>
result<T> guarded(const Work& work) {
  try {
    return work();
  } catch (const std::exception& failure) {
    spdlog::error("files: {}", failure.what());
    return error{errc::internal, "the file operation failed"};
  }
}

class produced_body final : public body_source {
public:
  produced_body(std::shared_ptr<file_pool> pool, pace how,
                std::unique_ptr<body_producer> producer)
      : pool_{std::move(pool)}, how_{how}, producer_{std::move(producer)} {}
  produced_body(const produced_body&) = delete;
  produced_body& operator=(const produced_body&) = delete;
  ~produced_body() override {
    stop_.request_stop();
    end_on_thread(*pool_, std::move(producer_));
  }

  void next(std::function<void(result<std::string>)> piece) override {
    auto made = std::make_shared<std::optional<result<std::string>>>();
    const bool begun = pool_->step(
        how_,
        [producer = producer_, stop = stop_.get_token(), made] {
          made->emplace(
              guarded<std::string>([&] { return producer->produce(stop); }));
        },
        [piece, made] { piece(std::move(**made)); });
    if (!begun)
      piece(stopping);
  }

private:
  std::shared_ptr<file_pool> pool_;
  pace how_;
  std::stop_source stop_;
  std::shared_ptr<body_producer> producer_;
};

/// What it leaves when it fails is gone before the client is told.
class consumed_body final : public body_sink {
public:
  consumed_body(std::shared_ptr<file_pool> pool,
                std::unique_ptr<body_consumer> consumer)
      : pool_{std::move(pool)}, consumer_{std::make_shared<held>(
                                    std::move(consumer))} {}
  consumed_body(const consumed_body&) = delete;
  consumed_body& operator=(const consumed_body&) = delete;
  ~consumed_body() override { end_on_thread(*pool_, std::move(consumer_)); }

  void write(std::string piece,
             std::function<void(result<void>)> taken) override {
    auto outcome = std::make_shared<std::optional<result<void>>>();
    const bool begun = pool_->step(
        pace::quick,
        [consumer = consumer_, outcome, piece = std::move(piece)]() mutable {
          outcome->emplace(guarded<void>(
              [&] { return (*consumer)->take(std::move(piece)); }));
          if (!**outcome)
            consumer->reset();
        },
        [taken, outcome] { taken(**outcome); });
    if (!begun)
      taken(stopping);
  }

  void finish(answer_function answer) override {
    pool_->run((*consumer_)->finishing(),
               [consumer = consumer_](std::stop_token stop) {
                 auto outcome = (*consumer)->finish(std::move(stop));
                 consumer->reset();
                 return outcome;
               },
               std::move(answer), file_pool::clock::now());
  }

private:
  /// Nothing once it has failed, and at its end: then neither is called again.
  using held = std::unique_ptr<body_consumer>;

  std::shared_ptr<file_pool> pool_;
  std::shared_ptr<held> consumer_;
};

} // namespace

std::shared_ptr<body_source>
make_source(std::shared_ptr<file_pool> pool, pace how,
            std::unique_ptr<body_producer> producer) {
  return std::make_shared<produced_body>(std::move(pool), how,
                                         std::move(producer));
}

std::shared_ptr<body_sink> make_sink(std::shared_ptr<file_pool> pool,
                                     std::unique_ptr<body_consumer> consumer) {
  return std::make_shared<consumed_body>(std::move(pool), std::move(consumer));
}

} // namespace outrigger
