// Bodies that are made, or taken in, piece by piece on the file pool's
// threads, as the edge sees them (protocol/endpoint.hpp).
//
//   edge ── next ──► produced_body ──► body_producer, on a thread
//   edge ── write, finish ──► consumed_body ──► body_consumer, on a thread
//
// Each lives as long as its request. A producer or consumer is used by one
// thread at a time, and ends on one.

#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "actors/files/file_pool.hpp"
#include "protocol/endpoint.hpp"

namespace outrigger {

/// Makes a body. Blocks.
class body_producer {
public:
  virtual ~body_producer() = default;
  /// The next piece, some 256 KiB, or what there is after a moment's work;
  /// empty at the end. Soon after a stop is asked for it returns, whatever:
  /// nobody waits for the body any more.
  virtual result<std::string> produce(const std::stop_token& stop) = 0;
};

/// Takes a body in. Blocks. Destroyed without finish(): it leaves nothing.
class body_consumer {
public:
  virtual ~body_consumer() = default;
  virtual result<void> take(std::string piece) = 0;
  /// The body is complete: the answer.
  virtual result<rest_answer> finish(std::stop_token stop) = 0;
  /// How long finish() may take.
  [[nodiscard]] virtual pace finishing() const { return pace::quick; }
};

/// `how`: where a piece is made.
[[nodiscard]] std::shared_ptr<body_source>
make_source(std::shared_ptr<file_pool> pool, pace how,
            std::unique_ptr<body_producer> producer);

[[nodiscard]] std::shared_ptr<body_sink>
make_sink(std::shared_ptr<file_pool> pool,
          std::unique_ptr<body_consumer> consumer);

} // namespace outrigger
