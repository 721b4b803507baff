#include "actors/files/watch_feeds.hpp"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

namespace outrigger {
namespace {

/// Bytes asked of a watch at a time; less when memory is short.
constexpr std::size_t slice_bytes = 32 * 1024;
constexpr std::size_t pressed_bytes = 4 * 1024;

stream_id stream_of(std::uint64_t tag) {
  return first_event_stream + tag;
}

} // namespace

void watch_feeds::open(setup with) {
  with_ = std::move(with);
}

void watch_feeds::follow() {
  if (with_.watches)
    caf::anon_send(with_.watches, follow_watchers{with_.self, with_.scopes});
}

std::uint64_t watch_feeds::free_tag() const {
  std::uint64_t tag = 0;
  for (const auto& [taken, of] : feeds_) {
    if (taken != tag)
      break;
    ++tag;
  }
  return tag;
}

// -- what is watched ----------------------------------------------------------

void watch_feeds::added(const watcher_added& event) {
  const auto tag = free_tag();
  auto& made = feeds_[tag];
  made.id = event.id;
  made.watch = event.watch;
  caf::anon_send(made.watch, join_watch{with_.self, tag});
  pull(tag, made);
}

void watch_feeds::removed(std::uint64_t id) {
  for (const auto& [tag, of] : feeds_)
    if (of.id == id && !of.own)
      return end(tag);
}

void watch_feeds::failed(const watch_ended& event) {
  const auto found = feeds_.find(event.tag);
  if (found == feeds_.end() || found->second.ended)
    return;
  send_error({}, found->second.id,
             {errc::unavailable, "the watcher has ended: watch again"});
  end(event.tag);
}

/// The number is given to another watch when the last frame has left.
void watch_feeds::end(std::uint64_t tag) {
  auto& of = feeds_[tag];
  of.ended = true;
  of.watch = watch_actor{};
  if (of.queued == 0)
    feeds_.erase(tag);
}

// -- events -------------------------------------------------------------------

void watch_feeds::pull(std::uint64_t tag, feed& of) {
  const auto out = with_.sink.lock();
  const bool pressed = out && out->is_pressed();
  caf::anon_send(of.watch, pull_events{with_.self, tag,
                                       pressed ? pressed_bytes : slice_bytes});
}

void watch_feeds::slice(const watch_slice& slice) {
  const auto found = feeds_.find(slice.tag);
  const auto out = with_.sink.lock();
  if (found == feeds_.end() || found->second.ended || !out)
    return;
  auto& of = found->second;
  if (slice.of->id != of.id)
    return; // of one that ended, and had this number before
  // Counted before they are sent: the first may leave while it is.
  std::vector<bytes_ptr> texts;
  const auto add = [&](const logged_event& event, bool extended) {
    if (auto text = text_of(event, *slice.of, extended))
      texts.push_back(std::move(text));
  };
  for (const auto& event : slice.events) {
    add(*event, with_.extended);
    // Both ways to say it, for whoever knows only one of them.
    if (with_.extended && event->event.kind == watch_event_kind::lost)
      add(*event, false);
  }
  of.queued += texts.size();
  const auto stream = stream_of(slice.tag);
  for (auto& text : texts)
    out->send({frame_kind::text, stream, {}, std::move(text)});
  if (of.queued == 0) // nothing for this kind of client
    pull(slice.tag, of);
}

void watch_feeds::taken(stream_id stream) {
  const auto tag = stream - first_event_stream;
  const auto found = feeds_.find(tag);
  if (found == feeds_.end() || found->second.queued == 0)
    return;
  auto& of = found->second;
  if (--of.queued > 0)
    return;
  if (of.ended)
    feeds_.erase(found);
  else if (of.watch)
    pull(tag, of);
}

// -- the client's own ---------------------------------------------------------

std::size_t watch_feeds::own_feeds() const {
  return static_cast<std::size_t>(
      std::count_if(feeds_.begin(), feeds_.end(), [](const auto& each) {
        return each.second.own && !each.second.ended;
      }));
}

result<watch_folder> watch_feeds::wish(const watch_message& message) {
  if (!with_.watches)
    return error{errc::unavailable, "no folders are watched here"};
  if (own_feeds() >= limits::max_own_watchers)
    return error{errc::conflict, "too many watchers of this socket: at most " +
                                     std::to_string(limits::max_own_watchers)};
  const auto tag = free_tag();
  auto& made = feeds_[tag];
  made.own = true;
  made.own_id = message.id;
  watch_folder out;
  out.wish = {message.path, path_style::machine, with_.scopes,
              message.excludes};
  out.own_id = message.id;
  out.listener = with_.self;
  out.tag = tag;
  return out;
}

void watch_feeds::opened(std::uint64_t tag, const own_watch& watch) {
  const auto found = feeds_.find(tag);
  if (found == feeds_.end() || found->second.ended)
    return caf::anon_send(watch.watch, leave_watch{with_.self, tag});
  auto& of = found->second;
  of.id = watch.id;
  of.watch = watch.watch;
  pull(tag, of);
}

void watch_feeds::refused(std::uint64_t tag, const error& why) {
  const auto gone = feeds_.extract(tag);
  if (!gone.empty())
    send_error(gone.mapped().own_id, 0, why);
}

void watch_feeds::unwatch(std::uint64_t id) {
  for (const auto& [tag, of] : feeds_)
    if (of.id == id && of.own && !of.ended) {
      caf::anon_send(of.watch, leave_watch{with_.self, tag});
      send(stream_of(tag), unwatched_to_json(id));
      return end(tag);
    }
  send_error(
      {}, id,
      {errc::not_found, "no watcher of this socket: " + std::to_string(id)});
}

// -- the socket ---------------------------------------------------------------

void watch_feeds::send(stream_id stream, std::string json) {
  const auto out = with_.sink.lock();
  if (!out)
    return;
  if (stream != control_stream)
    ++feeds_[stream - first_event_stream].queued;
  out->send({frame_kind::text, stream, std::move(json), nullptr});
}

void watch_feeds::send_error(const std::string& own_id, std::uint64_t watcher,
                             const error& err) {
  spdlog::debug("watch: {}", err.detail);
  if (with_.extended)
    send(control_stream, watch_error_to_json(own_id, watcher, err));
}

} // namespace outrigger
