#include "actors/terminal_output.hpp"

#include <algorithm>
#include <utility>

#include "protocol/terminal_replay.hpp"

namespace outrigger {
namespace {

using os::free_running;

terminal_exit to_exit(const os::exit_status& status) {
  // As a shell reports it in $?.
  if (status.signaled)
    return {128 + status.value, status.value};
  return {status.value, 0};
}

} // namespace

terminal_output::terminal_output(os::session& session, std::uint8_t id,
                                 std::size_t scrollback)
    : session_{session}, id_{id}, scrollback_{scrollback} {
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
      self.cursor = safe_offset(replay_start());
  } else {
    self.cursor = safe_offset(std::max(self.cursor, tail));
  }
  caf::anon_send(self.handle,
                 viewer_attached{id_, session_.info().key, self.cursor, tail,
                                 self.replay_until, size, !exited()});
  if (after && self.cursor != *after)
    caf::anon_send(self.handle, output_gap{id_, *after, self.cursor});
  settle(now);
}

void terminal_output::detach(viewer_id who, clock::time_point now) {
  std::erase_if(viewers_, [who](const viewer& v) { return v.who == who; });
  settle(now);
}

void terminal_output::drop_viewers_of(const caf::actor_addr& source,
                                      clock::time_point now) {
  std::erase_if(viewers_,
                [&](const viewer& v) { return v.handle.address() == source; });
  settle(now);
}

terminal_output::viewer* terminal_output::find(viewer_id who) {
  auto it = std::find_if(viewers_.begin(), viewers_.end(),
                         [who](const viewer& v) { return v.who == who; });
  return it == viewers_.end() ? nullptr : &*it;
}

void terminal_output::pull(viewer_id who, std::size_t max,
                           clock::time_point now) {
  auto* v = find(who);
  if (!v)
    return;
  v->wants = max;
  pump(*v, now);
  settle(now);
}

void terminal_output::ack(viewer_id who, std::uint64_t offset,
                          clock::time_point now) {
  auto* v = find(who);
  if (!v || offset > v->cursor || (v->acked && offset < *v->acked))
    return; // never sent, or older than what is known
  v->acked = offset;
  pump(*v, now);
  settle(now);
}

// -- output -------------------------------------------------------------------

void terminal_output::advance(clock::time_point now) {
  pump_all(now);
  settle(now);
}

void terminal_output::pump_all(clock::time_point now) {
  for (auto& v : viewers_)
    pump(v, now);
}

/// Whether the viewer has everything and a pull open.
bool terminal_output::waiting(const viewer& v) const {
  return v.wants > 0 && v.cursor == head();
}

/// Bytes the viewer may be sent now.
std::size_t terminal_output::room(const viewer& v) const {
  if (!v.acked)
    return v.wants;
  const auto in_flight = v.cursor - *v.acked;
  if (in_flight >= limits::ack_window)
    return 0;
  return std::min<std::size_t>(v.wants, limits::ack_window - in_flight);
}

/// Answers an open pull if there is something to answer it with.
void terminal_output::pump(viewer& v, clock::time_point now) {
  if (v.wants == 0 || v.exit_told)
    return;
  skip_lost(v);
  const auto end = head();
  if (v.cursor == end) {
    v.lossless = true; // caught up: whatever it missed, it was told
    v.held = {};
    if (exited())
      tell_exit(v);
    return;
  }
  const auto size = std::min<std::uint64_t>(end - v.cursor, room(v));
  if (size == 0)
    return; // waits for an ack
  const auto before = v.cursor;
  send_slice(v, static_cast<std::size_t>(size));
  if (v.cursor != before)
    v.advanced = now;
}

/// Moves a cursor the program has overtaken to where the stream can be
/// entered again, and tells the viewer. Returns whether it had to.
bool terminal_output::skip_lost(viewer& v) {
  if (v.cursor >= session_.output().tail())
    return false;
  const auto from = v.cursor;
  v.cursor = safe_offset(replay_start());
  if (v.acked) // what was skipped needs no rendering
    *v.acked += v.cursor - from;
  caf::anon_send(v.handle, output_gap{id_, from, v.cursor});
  return true;
}

void terminal_output::send_slice(viewer& v, std::size_t size) {
  bytes_ptr bytes;
  if (v.cursor >= v.replay_until) {
    bytes = live_slice(v.cursor, size);
  } else {
    const auto left = v.replay_until - v.cursor;
    size = static_cast<std::size_t>(std::min<std::uint64_t>(size, left));
    std::string copy(size, '\0');
    auto got = session_.output().read(v.cursor, copy);
    if (got.offset == v.cursor) {
      copy.resize(got.size);
      copy.resize(neutralise_queries(copy, got.size == left));
      bytes = std::make_shared<const std::string>(std::move(copy));
    }
  }
  if (!bytes) { // overwritten while it was read: only a latest viewer's
    skip_lost(v);
    return;
  }
  if (bytes->empty())
    return; // a sequence cut by the ack window: waits for more room
  caf::anon_send(v.handle, output_slice{id_, v.cursor, bytes});
  v.cursor += bytes->size();
  v.wants = 0;
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

// -- pacing -------------------------------------------------------------------

/// After anything that moved a cursor: gives the program its new credit, and
/// asks for a wake-up if someone waits for output that is not there yet.
void terminal_output::settle(clock::time_point now) {
  update_credit();
  auto& ring = session_.output();
  for (;;) {
    const auto seen = ring.head();
    if (exited() || std::none_of(viewers_.begin(), viewers_.end(),
                                 [&](const viewer& v) { return waiting(v); }))
      return;
    if (!ring.arm(seen))
      return;
    pump_all(now); // came in between
    update_credit();
  }
}

void terminal_output::update_credit() {
  auto slowest = free_running;
  for (const auto& v : viewers_)
    if (v.lossless)
      slowest = std::min(slowest, v.cursor);
  session_.set_credit(slowest == free_running ? free_running
                                              : slowest + lead());
}

std::optional<std::chrono::milliseconds> terminal_output::next_tick() const {
  const auto unready = [&](const viewer& v) {
    return v.lossless && !waiting(v);
  };
  if (exited() || std::none_of(viewers_.begin(), viewers_.end(), unready))
    return std::nullopt;
  const bool moving = head() != ticked_head_ || head() == session_credit();
  return moving ? patience_tick : idle_tick;
}

/// How far the program may run ahead of a lossless viewer. A large scrollback
/// does not make it more: what is ahead is what a Ctrl-C has to wait for.
std::uint64_t terminal_output::lead() const {
  return std::min(session_.output().capacity(), limits::default_ring);
}

/// The offset at which the program is stopped.
std::uint64_t terminal_output::session_credit() const {
  return session_.output().credit();
}

void terminal_output::tick(clock::time_point now) {
  const auto end = head();
  ticked_head_ = end;
  const auto passed = std::min<clock::duration>(now - ticked_, patience_tick);
  ticked_ = now;
  for (auto& v : viewers_)
    if (v.cursor == end)
      v.advanced = now; // has nothing to be late with
  if (end < session_credit())
    return settle(now); // nobody is kept waiting
  const bool others_wait =
      std::any_of(viewers_.begin(), viewers_.end(),
                  [&](const viewer& v) { return waiting(v); });
  for (auto& v : viewers_) {
    if (!v.lossless || end - v.cursor < lead())
      continue;
    if (others_wait)
      v.held += passed;
    if (now - v.advanced >= limits::lossless_patience ||
        v.held >= shared_patience)
      v.lossless = false;
  }
  settle(now);
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

/// The first offset from `from` on at which a terminal may start.
std::uint64_t terminal_output::safe_offset(std::uint64_t from) const {
  if (from == 0)
    return 0;
  std::string probe(2 * max_query_length, '\0');
  auto got = session_.output().read(from, probe);
  return got.offset + safe_start({probe.data(), got.size});
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
  const auto from = end > max ? end - max : 0;
  std::string bytes(static_cast<std::size_t>(end - from), '\0');
  auto got = session_.output().read(from, bytes);
  bytes.resize(got.size);
  offset = got.offset;
  return bytes;
}

} // namespace outrigger
