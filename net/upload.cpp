#include "net/upload.hpp"

#include <utility>

namespace outrigger {

void upload::start() {
  ended_ = setup_.reader.is_whole();
  go_on();
}

void upload::abandon() {
  sink_.reset();
  ready_.reset();
}

/// Does what can be done, until something is waited for.
void upload::go_on() {
  if (in_turn_)
    return;
  in_turn_ = true;
  while (sink_) {
    if (ready_ && !writing_)
      offer();
    else if (!reading_ && !ended_ && room() >= request_reader::least_piece)
      read();
    else
      break;
  }
  in_turn_ = false;
  if (sink_ && ended_ && !ready_ && !writing_)
    finish();
}

// -- from the client ----------------------------------------------------------

/// What comes in small pieces, as with TLS, is gathered while the sink works.
std::size_t upload::room() const {
  return limits::max_body_piece - (ready_ ? ready_->size() : 0);
}

void upload::read() {
  reading_ = true;
  clock_.start();
  setup_.reader.read_piece(
      setup_.from, setup_.owner, room(),
      [self = shared_from_this()](const request_listener::outcome& outcome,
                                  body_piece piece) {
        self->took(outcome, std::move(piece));
      });
}

void upload::took(const request_listener::outcome& outcome, body_piece piece) {
  reading_ = false;
  clock_.moved(piece.bytes.size());
  clock_.stop();
  if (failure_)
    return report(*failure_);
  if (!sink_)
    return;
  if (outcome.refusal || outcome.failure) {
    release_sink();
    return setup_.listener.upload_broken(outcome);
  }
  ended_ = piece.last;
  if (ready_) {
    ready_->reserve(limits::max_body_piece);
    ready_->append(piece.bytes);
  } else if (!piece.bytes.empty()) {
    ready_ = std::move(piece.bytes);
  }
  go_on();
}

// -- to the sink --------------------------------------------------------------

void upload::offer() {
  writing_ = true;
  const auto kept = sink_;
  kept->write(*std::exchange(ready_, std::nullopt),
              [self = shared_from_this()](const result<void>& done) {
                self->taken(done);
              });
}

void upload::taken(const result<void>& done) {
  writing_ = false;
  if (!sink_)
    return;
  if (!done)
    return stop(done.error());
  go_on();
}

void upload::finish() {
  writing_ = true; // nothing is to come after this
  const auto kept = sink_;
  kept->finish([self = shared_from_this()](result<rest_answer> answer) {
    if (self->sink_)
      self->report(std::move(answer));
  });
}

/// No more is read. What is being read must end first, for another reader
/// comes after us.
void upload::stop(const error& why) {
  release_sink();
  if (!reading_)
    return report(why);
  failure_ = why;
  error_code ignored;
  setup_.from.socket().cancel(ignored);
}

void upload::report(result<rest_answer> answer) {
  release_sink();
  setup_.listener.upload_answered(std::move(answer));
}

/// Not at once: it may be what calls us.
void upload::release_sink() {
  ready_.reset();
  if (sink_)
    asio::post(setup_.from.get_executor(), [sink = std::move(sink_)] {});
}

} // namespace outrigger
