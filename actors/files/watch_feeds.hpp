// WATCH FEEDS: what one socket is told of watched folders, as frames.
//
//   watches ── watcher_added ──► feeds ── pull_events ──► watch
//   watch ── watch_slice ──► feeds ── text frames ──► frame_sink
//
// Part of a connection. Each watch has a stream of its own on the socket, and
// its next slice is asked for when the last one has left for it: a socket that
// does not read holds one slice of each watch, and is told later what it
// missed.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "actors/files/watches.hpp"
#include "protocol/files/watch_message.hpp"
#include "protocol/frame.hpp"

namespace outrigger {

class watch_feeds {
public:
  struct setup {
    watches_actor watches; // none: there are no watched folders
    watcher_follower self; // the connection
    std::weak_ptr<frame_sink> sink;
    scope_set scopes;
    bool extended = false;
  };

  void open(setup with);
  /// From now on the socket is told of the workspace's watchers.
  void follow();

  // Messages of the connection.
  void added(const watcher_added& event);
  void removed(std::uint64_t id);
  void slice(const watch_slice& slice);
  void failed(const watch_ended& event);
  /// A frame of this stream left for the socket.
  void taken(stream_id stream);
  /// The client wants a watch of its own, and the answer to that.
  [[nodiscard]] result<watch_folder> wish(const watch_message& message);
  void opened(std::uint64_t tag, const own_watch& watch);
  void refused(std::uint64_t tag, const error& why);
  void unwatch(std::uint64_t id);

  void send_error(const std::string& own_id, std::uint64_t watcher,
                  const error& err);

private:
  struct feed {
    std::uint64_t id = 0; // of the watcher; 0: being opened
    watch_actor watch;
    bool own = false;
    std::string own_id;
    std::size_t queued = 0; // frames that wait for the socket
    bool ended = false;     // only waits for its frames to leave
  };
  [[nodiscard]] std::uint64_t free_tag() const;
  [[nodiscard]] std::size_t own_feeds() const;
  void pull(std::uint64_t tag, feed& of);
  void end(std::uint64_t tag);
  void send(stream_id stream, std::string json);

  setup with_;
  std::map<std::uint64_t, feed> feeds_; // by tag
};

} // namespace outrigger
