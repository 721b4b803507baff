// UPLOAD: the body of one request on its way into the endpoint's sink, of any
// size and in little memory.
//
//   request_reader ─ piece ─► upload ─ write ─► body_sink
//                             ▲ one more piece is gathered while the sink
//                             works;
//                               then the client waits, in the kernel's buffers
//
// Lives as long as something is under way, which keeps it.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/request_reader.hpp"
#include "net/transfer_pace.hpp"
#include "protocol/endpoint.hpp"

namespace outrigger {

/// Told once what became of it, on the loop.
class upload_listener {
public:
  /// The endpoint's answer. There may be more of the body: is_whole().
  virtual void upload_answered(result<rest_answer> answer) = 0;
  /// The body cannot be read: a refusal, or the end of the connection. The
  /// sink is gone.
  virtual void upload_broken(const request_listener::outcome& why) = 0;

protected:
  ~upload_listener() = default;
};

/// The references are parts of what `owner` keeps alive.
struct upload_setup {
  stream& from;
  request_reader& reader;
  deadline& limit; // passes when the client is given up
  transfer_pace::rule pace;
  upload_listener& listener;
  std::shared_ptr<void> owner;
};

class upload : public std::enable_shared_from_this<upload> {
public:
  upload(upload_setup setup, std::shared_ptr<body_sink> sink)
      : setup_{std::move(setup)}, clock_{setup_.limit, setup_.pace},
        sink_{std::move(sink)} {}

  void start();

  /// The connection has been closed: forgets the sink, and tells nobody.
  void abandon();

private:
  void go_on();
  [[nodiscard]] std::size_t room() const;
  void read();
  void took(const request_listener::outcome& outcome, body_piece piece);
  void offer();
  void taken(const result<void>& done);
  void finish();
  void stop(const error& why);
  void report(result<rest_answer> answer);
  void release_sink();

  upload_setup setup_;
  transfer_clock clock_;
  std::shared_ptr<body_sink> sink_;  // null: it is over
  std::optional<std::string> ready_; // to be written next
  std::optional<error> failure_;     // to be reported once nothing is read
  bool reading_ = false;
  bool writing_ = false;
  bool ended_ = false;   // nothing more is to be read
  bool in_turn_ = false; // what is called back is seen when go_on() goes on
};

} // namespace outrigger
