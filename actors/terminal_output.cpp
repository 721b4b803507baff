#include "actors/terminal_output.hpp"

#include <algorithm>
#include <utility>

#include "protocol/terminal_replay.hpp"

namespace outrigger {
namespace {

using os::free_running;

/// How much of the output before and after a place is looked at to tell
/// whether it is inside an escape sequence: pictures are sequences of hundreds
/// of KiB.
constexpr std::uint64_t look_behind = 256 * 1024;
constexpr std::uint64_t look_ahead = 64 * 1024;

} // namespace

terminal_exit to_exit(const os::exit_status& status) {
  if (status.signaled)
    return {128 + status.value, status.value};
  return {status.value, 0};
}

terminal_output::terminal_output(os::session& session, std::uint8_t id,
                                 std::size_t scrollback,
                                 terminal_meters* counted)
    : session_{session}, id_{id}, scrollback_{scrollback}, counted_{counted} {
  session_.set_credit(free_running);
}

// -- viewers ------------------------------------------------------------------

void terminal_output::attach(viewer_id who, viewer_actor handle,
                             std::optional<std::uint64_t> after,
                             terminal_size size, clock::time_point now) {
  detach(who, now);
  if (after && *after > head()) {
    caf::anon_send(
        handle,
        viewer_refused{id_,
                       {errc::malformed,
                        "attach terminal " + std::to_string(id_) + ": offset " +
                            std::to_string(*after) + " was never printed"}});
    return;
  }
  viewer v;
  v.who = who;
  v.handle = std::move(handle);
  v.cursor = after ? *after : replay_start();
  v.advanced = now;
  viewers_.push_back(v);
  // From here on nothing at or after the cursor and still in the ring can be
  // overwritten, so what is found next stays true.
  update_credit();
  auto& self = viewers_.back();
  const auto tail = session_.output().tail();
  self.replay_until = head();
  if (after) {
    if (*after < tail)
      self.cursor = safe_offset(tail);
  } else {
    self.cursor = safe_offset(std::max(self.cursor, tail));
  }
  caf::anon_send(self.handle,
                 viewer_attached{id_, session_.info().key, self.cursor, tail,
                                 self.replay_until, size, !exited()});
  if (after && self.cursor != *after)
    tell_gap(self, *after);
  advance(now);
}

void terminal_output::detach(viewer_id who, clock::time_point now) {
  std::erase_if(viewers_, [who](const viewer& v) { return v.who == who; });
  advance(now);
}

void terminal_output::drop_viewers_of(const caf::actor_addr& source,
                                      clock::time_point now) {
  std::erase_if(viewers_,
                [&](const viewer& v) { return v.handle.address() == source; });
  advance(now);
}

terminal_output::viewer* terminal_output::find(viewer_id who) {
  auto it = std::find_if(viewers_.begin(), viewers_.end(),
                         [who](const viewer& v) { return v.who == who; });
  return it == viewers_.end() ? nullptr : &*it;
}

const viewer_actor* terminal_output::handle_of(viewer_id who) {
  const auto* v = find(who);
  return v ? &v->handle : nullptr;
}

void terminal_output::pull(viewer_id who, std::size_t max,
                           clock::time_point now) {
  auto* v = find(who);
  if (!v)
    return;
  v->wants = max;
  advance(now);
}

void terminal_output::ack(viewer_id who, std::uint64_t offset,
                          clock::time_point now) {
  auto* v = find(who);
  if (!v || offset > v->cursor || (v->acked && offset < *v->acked))
    return; // never sent, or older than what is known
  v->acked = offset;
  std::erase_if(v->gaps, [offset](const auto& g) { return g.to <= offset; });
  advance(now);
}

/// Bytes sent and not yet acknowledged.
std::uint64_t terminal_output::in_flight(const viewer& v) {
  auto bytes = v.cursor - *v.acked;
  for (const auto& g : v.gaps)
    bytes -= g.to - std::max(g.from, *v.acked);
  return bytes;
}

// -- output -------------------------------------------------------------------

/// Follows everything that may have made output or room: answers every open
/// pull that can be answered, moves the program's credit on, and asks for a
/// wake-up if a pull stays open. The holder writes all the while, so all of
/// it goes by one look at the head, and what came in after that look is
/// found by arm().
void terminal_output::advance(clock::time_point now) {
  for (;;) {
    const bool ended = exited().has_value(); // before the head: then it is last
    const auto end = head();
    note_pause(end);
    for (auto& v : viewers_)
      pump(v, end, ended, now);
    update_credit();
    paused_ = paused_ && end >= session_credit();
    const bool open =
        std::any_of(viewers_.begin(), viewers_.end(), [end](const viewer& v) {
          return v.wants > 0 && v.cursor >= end && !v.exit_told;
        });
    if (!open || !session_.output().arm(end, ended))
      return;
  }
}

/// Answers an open pull with what lies before `end`, if anything does.
void terminal_output::pump(viewer& v, std::uint64_t end, bool ended,
                           clock::time_point now) {
  if (v.wants == 0 || v.exit_told)
    return;
  if (v.cursor < end && room(v) == 0)
    return; // waits for an ack
  if (v.cursor < session_.output().tail())
    skip_lost(v);
  if (v.cursor >= end) {
    v.lossless = true; // caught up: whatever it missed, it was told
    v.held = {};
    if (ended)
      tell_exit(v);
    return;
  }
  const auto size = std::min<std::uint64_t>(end - v.cursor, room(v));
  if (!send_slice(v, static_cast<std::size_t>(size))) {
    // Overwritten while it was read. Stops the program for a moment, so that
    // what follows cannot be.
    v.lossless = true;
    update_credit();
    return pump(v, end, ended, now);
  }
  if (v.wants == 0)
    v.advanced = now;
}

/// Whether the viewer has everything before `end` and a pull open.
bool terminal_output::waiting(const viewer& v, std::uint64_t end) {
  return v.wants > 0 && v.cursor >= end;
}

/// Bytes an acknowledging viewer may be sent before its next ack.
std::uint64_t terminal_output::window(const viewer& v) {
  const auto used = in_flight(v);
  return used < limits::ack_window ? limits::ack_window - used : 0;
}

/// Bytes the viewer may be sent now.
std::size_t terminal_output::room(const viewer& v) {
  return v.acked ? std::min<std::size_t>(v.wants, window(v)) : v.wants;
}

/// Moves a cursor the program has overtaken to where the stream can be
/// entered again, and tells the viewer. Not to the oldest byte: a program
/// that runs free would overtake it there again at once.
void terminal_output::skip_lost(viewer& v) {
  const auto from = v.cursor;
  const auto back =
      std::min<std::uint64_t>(scrollback_, session_.output().capacity() / 2);
  const auto end = head();
  v.cursor = safe_offset(
      std::max(end > back ? end - back : 0, session_.output().tail()));
  if (v.acked) // what was skipped is not in flight
    v.gaps.push_back({id_, from, v.cursor});
  tell_gap(v, from);
}

void terminal_output::tell_gap(const viewer& v, std::uint64_t from) {
  caf::anon_send(v.handle, output_gap{id_, from, v.cursor});
  count(&terminal_meters::gaps);
  count(&terminal_meters::dropped_bytes, v.cursor - from);
}

/// Sends the slice at the cursor, or nothing when it needs more room than the
/// acks leave. False when its bytes were overwritten meanwhile.
bool terminal_output::send_slice(viewer& v, std::size_t size) {
  auto bytes = v.cursor < v.replay_until ? replay_slice(v, size)
                                         : live_slice(v.cursor, size);
  if (!bytes)
    return false;
  if (bytes->empty())
    return true; // a sequence cut by the ack window: waits for more room
  caf::anon_send(v.handle, output_slice{id_, v.cursor, bytes});
  v.cursor += bytes->size();
  v.wants = 0;
  count(&terminal_meters::output_bytes, bytes->size());
  return true;
}

/// At most `size` bytes of what was there before the viewer came, without its
/// queries; null when it is no longer whole.
bytes_ptr terminal_output::replay_slice(const viewer& v, std::size_t size) {
  const auto left = v.replay_until - v.cursor;
  std::string bytes(
      static_cast<std::size_t>(std::min<std::uint64_t>(size, left)), '\0');
  const auto got = session_.output().read(v.cursor, bytes);
  if (got.offset != v.cursor)
    return nullptr;
  bytes.resize(got.size);
  bytes.resize(neutralise_queries(bytes, got.size == left));
  return std::make_shared<const std::string>(std::move(bytes));
}

/// Cuts [from, from + size) out of the ring, or returns null when it is no
/// longer whole. Viewers side by side share one copy.
bytes_ptr terminal_output::live_slice(std::uint64_t from, std::size_t size) {
  if (shared_offset_ == from) {
    auto shared = shared_slice_.lock();
    if (shared && !shared->empty() && shared->size() <= size)
      return shared;
  }
  auto bytes = std::make_shared<std::string>(size, '\0');
  auto got = session_.output().read(from, *bytes);
  if (got.offset != from || got.size == 0)
    return nullptr;
  bytes->resize(got.size);
  shared_offset_ = from;
  shared_slice_ = bytes;
  return bytes;
}

void terminal_output::tell_exit(viewer& v) {
  v.exit_told = true;
  caf::anon_send(v.handle, viewer_exit{id_, *exited(), lost_});
}

void terminal_output::count(std::uint64_t terminal_meters::*what,
                            std::uint64_t by) {
  if (counted_)
    counted_->*what += by;
}

// -- reading the ring ---------------------------------------------------------

std::uint64_t terminal_output::head() const {
  return session_.output().head();
}

/// Where a new viewer's output starts, before it is made safe.
std::uint64_t terminal_output::replay_start() const {
  const auto end = head();
  const auto wanted = end > scrollback_ ? end - scrollback_ : 0;
  return std::max(wanted, session_.output().tail());
}

/// The offset at which a terminal may start that is to show the output from
/// `from` on: before it when it is inside an escape sequence.
std::uint64_t terminal_output::safe_offset(std::uint64_t from) const {
  if (from == 0)
    return 0;
  const auto begin =
      std::max(from - std::min(from, look_behind), session_.output().tail());
  const auto end = std::min(from + look_ahead, head());
  std::string probe(static_cast<std::size_t>(end - std::min(begin, end)), '\0');
  const auto got = session_.output().read(begin, probe);
  const auto before = from - std::min(from, got.offset);
  return got.offset +
         safe_start({probe.data(), got.size}, static_cast<std::size_t>(before));
}

std::vector<viewer_lag> terminal_output::lags() const {
  const auto end = head();
  std::vector<viewer_lag> all;
  all.reserve(viewers_.size());
  for (const auto& v : viewers_)
    all.push_back({v.who, end - v.cursor + (v.acked ? in_flight(v) : 0)});
  return all;
}

std::optional<terminal_exit> terminal_output::exited() const {
  if (auto status = session_.exited())
    return to_exit(*status);
  if (!lost_.empty())
    return terminal_exit{lost_exit_code, 0};
  return std::nullopt;
}

void terminal_output::lose(std::string reason, clock::time_point now) {
  lost_ = std::move(reason);
  advance(now);
}

std::string terminal_output::tail_bytes(std::size_t max,
                                        std::uint64_t& offset) const {
  const auto end = head();
  max = std::min(max, session_.output().capacity());
  const auto from = end > max ? end - max : 0;
  std::string bytes(static_cast<std::size_t>(end - from), '\0');
  auto got = session_.output().read(from, bytes);
  bytes.resize(got.size);
  offset = got.offset;
  return bytes;
}

} // namespace outrigger
