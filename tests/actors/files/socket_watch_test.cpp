// What sockets are told of watched folders: connections of the terminals
// dialect, and the runtime API's.
#include <catch2/catch.hpp>

#include "actors/files/runtime_socket.hpp"
#include "tests/actors/connection_fixture.hpp"
#include "tests/actors/files/watches_fixture.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

class watching_sockets : public connection_fixture {
public:
  watching_sockets()
      : hub{keep(system.spawn(outrigger::watches, place.deps()))} {
    watches = hub;
  }
  ~watching_sockets() { end(hub); }

  bool until(const std::function<bool()>& is_so) {
    return run_until(*this, is_so);
  }
  void make_watcher(const std::string& path = "") {
    auto answer = begin<watcher_info>(hub, create_watcher{place.wish(path)});
    REQUIRE(until([&] { return answer->has_value(); }));
    REQUIRE(**answer);
  }
  /// Text frames with this in them.
  static std::size_t count(const recording_sink& sink,
                           const std::string& part) {
    std::size_t out = 0;
    for (const auto& text : sink.transcript())
      out += text.find(part) != std::string::npos ? 1 : 0;
    return out;
  }
  bool told(const client& c, const std::string& part) {
    return until([&] {
      flow(c);
      return count(*c.sink, part) > 0;
    });
  }

  watched_workspace place{loop};
  watches_actor hub;
};

} // namespace

TEST_CASE_METHOD(watching_sockets, "a socket is told of watchers, old and new, "
                                   "after the scrollback") {
  make_watcher();
  create();
  program(1).print("text");
  auto c = open();
  CHECK(count(*c.sink, "watcher") == 0); // the scrollback has not left yet
  flow(c);
  CHECK(count(*c.sink, R"("type":"ready","watcher_id":"1")") == 1);
  place.folder.folder("a");
  make_watcher("a");
  CHECK(told(c, R"("type":"ready","watcher_id":"2")"));
  place.folder.file("a/f");
  CHECK(told(c, R"("watcher_id":"1","path":")" + place.folder() +
                    R"(/a/f","op":"create")"));
  CHECK(told(c, R"("watcher_id":"2","path":")" + place.folder() +
                    R"(/a/f","op":"create")"));
}

TEST_CASE_METHOD(watching_sockets, "a socket whose credential may not see the "
                                   "folder is told nothing") {
  place.folder.folder("docs");
  make_watcher();
  make_watcher("docs");
  connection_options narrow;
  narrow.scopes = *parse_scopes("terminal files:/docs:read");
  auto c = connect(narrow);
  narrow.scopes = *parse_scopes("terminal");
  auto d = connect(narrow);
  place.folder.file("docs/f");
  CHECK(told(c, "docs/f"));
  CHECK(count(*c.sink, R"("watcher_id":"1")") == 0);
  CHECK(count(*d.sink, "watcher") == 0);
}

TEST_CASE_METHOD(watching_sockets, "a socket that does not read holds one "
                                   "slice, and the others do not wait") {
  make_watcher();
  auto stopped = open();
  auto c = connect();
  const auto before = stopped.sink->sent.size();
  for (int i = 0; i < 3000; ++i)
    place.folder.file("f" + std::to_string(i));
  CHECK(told(c, "/f2999"));
  std::size_t bytes = 0;
  for (auto i = before; i < stopped.sink->sent.size(); ++i)
    bytes += stopped.sink->sent[i].size();
  CHECK(bytes <= 40 * 1024);
  // And when it reads again, it gets the rest, or is told that it missed it.
  CHECK(until([&] {
    flow(stopped);
    return count(*stopped.sink, "/f2999") > 0 ||
           count(*stopped.sink, "overflow") > 0;
  }));
}

TEST_CASE_METHOD(watching_sockets, "an extended socket is told both ways that "
                                   "something was lost") {
  make_watcher("");
  auto c = connect(extended());
  auto plain = connect();
  for (const auto* s : {&c, &plain})
    s->sink->on_taken = nullptr; // they no longer read
  place.folder.file("one");
  CHECK(until([&] { return count(*plain.sink, "/one") == 1; }));
  for (int i = 0; i < 8000; ++i)
    place.folder.file("some-name-that-fills-the-log-" + std::to_string(i));
  place.folder.file("last");
  CHECK(until([&] { return place.counted.events > 8000; }));
  const auto resume = [&](const client& s) {
    s.sink->on_taken = [actor = s.actor](stream_id stream) {
      caf::anon_send(actor, stream_taken{stream});
    };
    // What left while nobody said so.
    for (int i = 0; i < 3; ++i)
      caf::anon_send(s.actor, stream_taken{first_event_stream});
  };
  resume(c);
  resume(plain);
  CHECK(told(c, R"("type":"resync")"));
  CHECK(told(c, R"("type":"overflow")"));
  CHECK(told(plain, R"("type":"overflow")"));
  CHECK(count(*plain.sink, "resync") == 0);
}

TEST_CASE_METHOD(watching_sockets, "an extended socket has watches of its "
                                   "own") {
  auto c = connect(extended());
  auto other = connect(extended());
  say(c, watch_message{"mine", "", {"hidden"}});
  CHECK(told(c, R"("id":"mine")"));
  place.folder.file("hidden");
  place.folder.file("f");
  CHECK(told(c, "/f\""));
  CHECK(count(*c.sink, "hidden") == 0);
  CHECK(count(*other.sink, "watcher") == 0);
  say(c, unwatch_message{1});
  flow(c);
  CHECK(count(*c.sink, R"("type":"unwatched","watcher_id":"1")") == 1);
  CHECK(place.folders->now().trees == 0);
  say(c, unwatch_message{1});
  CHECK(count(*c.sink, "not_found") == 1);
}

TEST_CASE_METHOD(watching_sockets, "a plain socket has none") {
  auto c = connect();
  say(c, watch_message{"mine", "", {}});
  place.folder.file("f");
  make_watcher(); // what came before it has been seen to
  CHECK(told(c, "ready"));
  CHECK(count(*c.sink, "mine") == 0);
  CHECK(place.folders->now().trees == 1);
}

TEST_CASE_METHOD(watching_sockets, "a socket has eight at most, and is told "
                                   "what cannot be watched") {
  auto c = connect(extended());
  for (int i = 0; i < 9; ++i)
    say(c, watch_message{std::to_string(i), "", {}});
  CHECK(told(c, R"("id":"8","code":"conflict")"));
  CHECK(until([&] {
    flow(c);
    return count(*c.sink, "ready") == 8;
  }));
  auto d = connect(extended());
  say(d, watch_message{"x", "none", {}});
  CHECK(told(d, R"("id":"x","code":"not_found")"));
}

TEST_CASE_METHOD(watching_sockets, "a socket's own watches end with it") {
  auto c = connect(extended());
  say(c, watch_message{"", "", {}});
  CHECK(told(c, "ready"));
  send(c.actor, client_closed{});
  run();
  CHECK(place.folders->now().trees == 0);
}

TEST_CASE_METHOD(watching_sockets, "a deleted watcher is told of no more") {
  make_watcher();
  auto c = connect();
  CHECK(told(c, "ready"));
  REQUIRE(ask<done>(hub, delete_watcher{1, scope_set::everything()}));
  place.folder.file("f");
  make_watcher();
  CHECK(told(c, R"("type":"ready","watcher_id":"2")"));
  CHECK(count(*c.sink, R"("type":"change","watcher_id":"1")") == 0);
}

// -- the runtime API ----------------------------------------------------------

namespace {

class runtime_sockets : public watches_fixture {
public:
  runtime_sockets()
      : stats{keep(
            system.spawn(machine_stats,
                         std::make_shared<const stats_deps>(stats_deps{
                             place.workers, place.files,
                             std::make_shared<const os::machine_probe>()})))} {
    sink->on_taken = [this](stream_id stream) {
      caf::anon_send(socket, stream_taken{stream});
    };
  }

  void open(std::string_view scopes) {
    socket = keep(system.spawn(runtime_socket, *parse_scopes(scopes),
                               std::weak_ptr<frame_sink>{sink},
                               runtime_socket_deps{hub, stats}));
    REQUIRE(until([&] { return place.folders->now().watches > 0; }));
  }
  bool told(const std::string& text) {
    return until([&] {
      sink->take_all([this] { run(); });
      const auto all = sink->texts();
      return std::find(all.begin(), all.end(), text) != all.end();
    });
  }

  std::shared_ptr<recording_sink> sink = std::make_shared<recording_sink>();
  stats_actor stats;
  runtime_socket_actor socket;
};

} // namespace

TEST_CASE_METHOD(runtime_sockets, "changes are pushed in the words of the "
                                  "runtime API") {
  open("read");
  place.folder.file("a");
  CHECK(told(R"({"type":"file_changed","path":"/a","event_type":"created"})"));
  advance(1s);
  place.folder.file("a", "x");
  CHECK(told(R"({"type":"file_changed","path":"/a","event_type":"modified"})"));
  advance(1s);
  std::filesystem::remove(place.folder() + "/a");
  CHECK(told(R"({"type":"file_changed","path":"/a","event_type":"deleted"})"));
}

TEST_CASE_METHOD(runtime_sockets, "only those that may be seen are") {
  place.folder.folder("docs");
  place.folder.folder("src");
  open("files:/docs:read");
  REQUIRE(until([&] { return place.folders->now().watches == 3; }));
  place.folder.file("src/secret");
  place.folder.file("docs/f");
  CHECK(told(
      R"({"type":"file_changed","path":"/docs/f","event_type":"created"})"));
  for (const auto& text : sink->texts())
    CHECK(text.find("secret") == std::string::npos);
}

TEST_CASE_METHOD(runtime_sockets, "messages are answered and consumed") {
  open("read");
  send(socket, runtime_said{frame_kind::text, R"({"type":"ping"})"});
  send(socket, runtime_said{frame_kind::binary, "abc"});
  run();
  CHECK(told(R"({"type":"pong"})"));
  CHECK(told(R"({"type":"error","message":"Invalid JSON"})"));
  CHECK(sink->consumed == 15 + 3);
}

TEST_CASE_METHOD(runtime_sockets, "the machine's load is told every five "
                                  "seconds, as long as somebody listens") {
  open("read");
  const auto stats_told = [&] {
    std::size_t out = 0;
    for (const auto& text : sink->texts())
      out += text.find("system_stats") != std::string::npos ? 1 : 0;
    return out;
  };
  // Readings are made on the pool.
  const auto round = [&](std::size_t wanted) {
    return until([&] {
      advance(5s);
      return stats_told() >= wanted;
    });
  };
  CHECK(stats_told() == 0);
  CHECK(round(1));
  CHECK(round(2));
  send(socket, client_closed{});
  run();
  advance(10s);
  CHECK_FALSE(has_timeouts());
  CHECK(until([&] { return place.folders->now().trees == 0; }));
}

TEST_CASE_METHOD(runtime_sockets, "a watch that failed is begun anew") {
  open("read");
  REQUIRE(until([&] { return !listed("all").empty() || true; }));
  place.folder.file("a");
  CHECK(told(R"({"type":"file_changed","path":"/a","event_type":"created"})"));
  send(socket, watch_ended{0});
  run();
  CHECK(place.folders->now().trees == 1);
  advance(5s);
  CHECK(until([&] {
    place.folder.file("b");
    return told(
        R"({"type":"file_changed","path":"/b","event_type":"created"})");
  }));
}

} // namespace outrigger
