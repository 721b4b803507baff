#include "actors/connection.hpp"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

namespace outrigger {
namespace {

/// A terminal counts as busy while one of the last so many slices was its:
/// long enough to see every one of ten flooding neighbours, short enough that
/// an echo now and then does not make everyone's frames small.
constexpr std::uint64_t busy_slices = 16;

/// For a folder to be looked up, on a disk that may be slow.
constexpr std::chrono::seconds locate_timeout{30};

} // namespace

void connection_state::start() {
  caf::anon_send(terminals, subscribe_terminals{terminal_listener{self}});
  feeds.open({watches, watcher_follower{self}, sink, options.scopes,
              options.extended});
}

connection_state::known* connection_state::find(std::uint8_t id) {
  auto it = all.find(id);
  return it == all.end() ? nullptr : &it->second;
}

// -- the directory ------------------------------------------------------------

void connection_state::added(const terminal_added& event) {
  const auto allowed = options.scopes.on_terminal(event.id);
  if (allowed == right::none)
    return;
  auto& t = all[event.id];
  if (t.key == event.key) { // its actor was replaced: go on where we were
    t.terminal = event.terminal;
    drop_input(t); // the chunk on its way may or may not have arrived
    if (t.watched)
      attach(t, t.started ? std::optional{t.offset} : std::nullopt);
    return;
  }
  drop_input(t);
  t = {};
  t.key = event.key;
  t.terminal = event.terminal;
  t.usable = allowed == right::use && !options.view_only;
  const auto& after = options.after;
  auto point = std::find_if(after.begin(), after.end(),
                            [&](const auto& p) { return p.id == event.id; });
  if (point != after.end()) {
    attach(t, point->offset);
  } else if (options.attach_all && !event.exit) {
    attach(t, std::nullopt);
  } else if (options.attach_all) {
    late_exits.push_back({event.id, event.key, *event.exit});
    replayed();
  }
}

void connection_state::removed(const terminal_removed& event) {
  auto* t = find(event.id);
  if (!t || t->key != event.key)
    return;
  if (t->watched && t->started && t->offset < event.head)
    gap({event.id, t->offset, event.head}); // what it did not fetch in time
  if (t->watched)
    tell_exit(event.id, *t, event.exit);
  drop_input(*t);
  all.erase(event.id);
  replayed();
}

void connection_state::all_known() {
  complete = true;
  options.after.clear(); // a later terminal of such an id is another one
  for (auto& said : std::exchange(early, {}))
    std::visit(
        [this](auto& what) {
          if constexpr (std::is_same_v<std::decay_t<decltype(what)>,
                                       client_input>)
            take_input(std::move(what));
          else
            take_message(what);
        },
        said);
  if (closed)
    return close();
  replayed();
}

// -- output -------------------------------------------------------------------

void connection_state::attach(known& t, std::optional<std::uint64_t> after) {
  t.watched = true;
  t.started = false;
  t.replaying = true;
  t.exit_told = false;
  caf::anon_send(t.terminal,
                 attach_viewer{options.number, viewer_actor{self}, after});
}

void connection_state::attached(const viewer_attached& event) {
  auto* t = find(event.id);
  if (!t || !t->watched || t->key != event.key)
    return;
  t->started = true;
  t->offset = event.offset;
  t->replay_end = event.head;
  if (options.extended)
    send_text(event.id, to_json(attached_message{
                            event.id, identity(event.key), event.offset,
                            event.tail, event.head, event.size, event.alive}));
  t->replaying = t->offset < t->replay_end;
  replayed();
  if (!t->slice_queued) // else taken() asks, so that there is never more
    pull(*t);
}

void connection_state::refused(const viewer_refused& event) {
  if (auto* t = find(event.id)) {
    t->watched = false;
    t->replaying = false;
  }
  send_error(event.id, event.why);
  replayed();
}

/// Asks for the next slice: a large one while no other terminal is busy on
/// this socket and memory is not short, else a small one, so that neighbours
/// take turns.
void connection_state::pull(known& t) {
  const auto out = sink.lock();
  const bool small =
      (out && out->is_pressed()) ||
      std::any_of(all.begin(), all.end(), [&](const auto& entry) {
        const auto& other = entry.second;
        return &other != &t && other.last_slice != 0 &&
               slices - other.last_slice < busy_slices;
      });
  caf::anon_send(t.terminal,
                 pull_output{options.number,
                             small ? limits::shared_slice : limits::max_slice});
}

void connection_state::slice(const output_slice& event) {
  auto* t = find(event.id);
  auto out = sink.lock();
  if (!t || !t->started || !t->watched || !out || event.offset != t->offset)
    return; // from before a detach or another attach
  t->offset += event.bytes->size();
  t->last_slice = ++slices;
  t->slice_queued = true;
  out->send({frame_kind::binary, event.id,
             std::string(1, static_cast<char>(event.id)), event.bytes});
}

void connection_state::taken(stream_id stream) {
  if (stream >= first_event_stream)
    return feeds.taken(stream);
  auto* t = find(static_cast<std::uint8_t>(stream));
  if (!t)
    return;
  t->slice_queued = false;
  if (!t->watched || !t->started)
    return;
  if (t->replaying && t->offset >= t->replay_end) {
    t->replaying = false;
    replayed();
  }
  pull(*t);
}

void connection_state::gap(const output_gap& event) {
  auto* t = find(event.id);
  if (!t || !t->started || !t->watched)
    return;
  t->offset = event.to;
  if (options.extended)
    send_text(event.id, to_json(gap_message{event.id, event.from, event.to}));
}

void connection_state::exited(const viewer_exit& event) {
  auto* t = find(event.id);
  if (!t || !t->watched || !t->started)
    return;
  if (!event.reason.empty())
    send_error(event.id, {errc::unavailable, event.reason});
  tell_exit(event.id, *t, event.exit);
  t->replaying = false;
  replayed();
}

/// Sends the exits that waited, once no scrollback is under way any more, and
/// then what is to be told of watched folders.
void connection_state::replayed() {
  if (!complete || std::any_of(all.begin(), all.end(), [](const auto& entry) {
        return entry.second.watched && entry.second.replaying;
      }))
    return;
  for (const auto& [id, key, exit] : std::exchange(late_exits, {}))
    if (auto* t = find(id); t && t->key == key)
      tell_exit(id, *t, exit);
  if (!std::exchange(settled, true))
    feeds.follow();
}

void connection_state::tell_exit(std::uint8_t id, known& t,
                                 const terminal_exit& exit) {
  if (std::exchange(t.exit_told, true))
    return;
  send_text(id, exit_to_json(id, exit, options.extended));
}

// -- the client ---------------------------------------------------------------

void connection_state::take_message(const client_message& message) {
  if (!complete)
    return early.push_back(message);
  consumed(message.size);
  std::visit(
      [this](const auto& m) {
        using type = std::decay_t<decltype(m)>;
        if constexpr (std::is_same_v<type, resize_message>)
          resize(m);
        else if constexpr (std::is_same_v<type, ack_message>)
          ack(m);
        else if constexpr (std::is_same_v<type, attach_message>)
          attach(m);
        else if constexpr (std::is_same_v<type, detach_message>)
          detach(m);
        else if constexpr (std::is_same_v<type, watch_message>)
          watch(m);
        else
          unwatch(m);
      },
      message.message);
}

void connection_state::mistake(const client_mistake& mistake) {
  consumed(mistake.size);
  send_error(std::nullopt, mistake.what);
}

void connection_state::resize(const resize_message& message) {
  auto* t = find(message.id);
  if (!t)
    return send_error(message.id, unknown_terminal(message.id));
  if (!t->usable)
    return send_error(message.id, view_only_refusal());
  caf::anon_send(t->terminal, viewer_resize{viewer_actor{self}, message.size});
}

void connection_state::resize_failed(const resize_refused& event) {
  send_error(event.id, event.why);
}

void connection_state::ack(const ack_message& message) {
  auto* t = find(message.id);
  if (t && t->watched && options.extended)
    caf::anon_send(t->terminal, ack_output{options.number, message.offset});
}

void connection_state::attach(const attach_message& message) {
  auto* t = find(message.id);
  if (!options.extended)
    return;
  if (!t)
    return send_error(message.id, unknown_terminal(message.id));
  attach(*t, message.after);
}

void connection_state::detach(const detach_message& message) {
  auto* t = find(message.id);
  if (!t || !options.extended)
    return;
  t->watched = false;
  t->started = false;
  t->replaying = false;
  caf::anon_send(t->terminal, detach_viewer{options.number});
  replayed();
}

void connection_state::watch(const watch_message& message) {
  if (!options.extended)
    return;
  auto wish = feeds.wish(message);
  if (!wish)
    return feeds.send_error(message.id, 0, wish.error());
  const auto tag = wish->tag;
  self->request(watches, locate_timeout, std::move(*wish))
      .then([this, tag](const own_watch& mine) { feeds.opened(tag, mine); },
            [this, tag](const caf::error& err) {
              feeds.refused(tag, from_caf(err));
            });
}

void connection_state::unwatch(const unwatch_message& message) {
  if (options.extended)
    feeds.unwatch(message.watcher);
}

// -- the socket ---------------------------------------------------------------

/// What a text frame says of a terminal keeps its place among the terminal's
/// output, so it goes into that stream.
void connection_state::send_text(stream_id stream, std::string json) {
  if (auto out = sink.lock())
    out->send({frame_kind::text, stream, std::move(json), nullptr});
}

/// Only clients that asked for extensions know error frames.
void connection_state::send_error(std::optional<std::uint8_t> id,
                                  const error& err) {
  spdlog::debug("connection {}: {}", options.number, err.detail);
  if (options.extended)
    send_text(control_stream, error_to_json(id, err));
}

void connection_state::consumed(std::size_t bytes) {
  if (auto out = sink.lock(); out && bytes > 0)
    out->consume(bytes);
}

/// The terminals and their directory, which monitor it, forget this one.
void connection_state::close() {
  closed = true;
  if (!complete)
    return; // what the client said so far is still to be done
  for (auto& [id, t] : all)
    leave(t);
  self->quit();
}

// -- the actor ----------------------------------------------------------------

connection_actor::behavior_type
connection(connection_actor::stateful_pointer<connection_state> self,
           connection_options options, std::weak_ptr<frame_sink> sink,
           terminals_actor terminals, watches_actor watches) {
  end_on_exception(self);
  auto& state = self->state;
  state.self = self;
  state.options = std::move(options);
  state.sink = std::move(sink);
  state.terminals = std::move(terminals);
  state.watches = std::move(watches);
  state.start();
  // A connection that fails takes its socket with it; the client comes back.
  self->attach_functor([out = state.sink](const caf::error& reason) {
    auto socket = out.lock();
    if (socket && !ended_normally(reason))
      socket->close(close_code::internal_error, "internal error");
  });
  return {
      [self](const viewer_attached& e) { self->state.attached(e); },
      [self](const viewer_refused& e) { self->state.refused(e); },
      [self](const output_slice& e) { self->state.slice(e); },
      [self](const output_gap& e) { self->state.gap(e); },
      [self](const viewer_exit& e) { self->state.exited(e); },
      [self](const input_taken& e) { self->state.input_done(e); },
      [self](const resize_refused& e) { self->state.resize_failed(e); },
      [self](const terminal_added& e) { self->state.added(e); },
      [self](const terminal_removed& e) { self->state.removed(e); },
      [self](terminals_complete) { self->state.all_known(); },
      [self](const watch_slice& m) { self->state.feeds.slice(m); },
      [self](const watch_ended& m) { self->state.feeds.failed(m); },
      [self](const watcher_added& m) { self->state.feeds.added(m); },
      [self](const watcher_removed& m) { self->state.feeds.removed(m.id); },
      [self](const client_input& m) { self->state.take_input(m); },
      [self](const client_message& m) { self->state.take_message(m); },
      [self](const client_mistake& m) { self->state.mistake(m); },
      [self](stream_taken m) { self->state.taken(m.stream); },
      [self](client_closed) { self->state.close(); },
  };
}

} // namespace outrigger
