#include "protocol/files/watch_event.hpp"

#include <catch2/catch.hpp>

using namespace outrigger;

namespace {

watch_event change(file_op op, std::string path) {
  watch_event out;
  out.sequence = 9;
  out.op = op;
  out.path = std::move(path);
  return out;
}

watch_event other(watch_event_kind kind) {
  watch_event out;
  out.kind = kind;
  out.sequence = 9;
  return out;
}

const watch_reader plain{"3", "/srv/x", "", false};
const watch_reader extended{"3", "/srv/x", "mine", true};

} // namespace

TEST_CASE("a change is told to watchers as it is documented") {
  CHECK(watcher_event_to_json(change(file_op::create, "/srv/x/a"), plain) ==
        R"({"channel":"watcher","type":"change","watcher_id":"3",)"
        R"("path":"/srv/x/a","op":"create"})");
  const auto op = [](file_op which) {
    const auto text = watcher_event_to_json(change(which, "/"), plain);
    return text.substr(text.rfind(':'));
  };
  CHECK(op(file_op::write) == R"(:"write"})");
  CHECK(op(file_op::remove) == R"(:"remove"})");
  CHECK(op(file_op::rename) == R"(:"rename"})");
}

TEST_CASE("extended clients learn more of a change") {
  auto left = change(file_op::rename, "/srv/x/a");
  left.is_folder = true;
  left.other = "/srv/x/b";
  CHECK(watcher_event_to_json(left, extended) ==
        R"({"channel":"watcher","type":"change","watcher_id":"3",)"
        R"("path":"/srv/x/a","op":"rename","dir":true,"to":"/srv/x/b",)"
        R"("seq":9})");
  auto came = change(file_op::create, "/srv/x/b");
  came.other = "/srv/x/a";
  CHECK(watcher_event_to_json(came, extended).find(R"("from":"/srv/x/a")") !=
        std::string::npos);
  CHECK(watcher_event_to_json(came, plain).find("from") == std::string::npos);
}

TEST_CASE("ready and lost are told to everybody") {
  auto ready = other(watch_event_kind::ready);
  ready.folders = 12;
  CHECK(watcher_event_to_json(ready, plain) ==
        R"({"channel":"watcher","type":"ready","watcher_id":"3",)"
        R"("root":"/srv/x","dirs":12})");
  CHECK(watcher_event_to_json(ready, extended) ==
        R"({"channel":"watcher","type":"ready","watcher_id":"3",)"
        R"("root":"/srv/x","dirs":12,"id":"mine","seq":9})");
  const auto lost = other(watch_event_kind::lost);
  CHECK(watcher_event_to_json(lost, plain) ==
        R"({"channel":"watcher","type":"overflow","watcher_id":"3","message":)"
        R"("Event queue overflow, some events may have been lost"})");
  CHECK(watcher_event_to_json(lost, extended) ==
        R"({"channel":"watcher","type":"resync","watcher_id":"3","seq":9})");
}

TEST_CASE("only extended clients know of degraded and gone") {
  auto part = other(watch_event_kind::degraded);
  part.path = "/srv/x/big";
  part.reason = "full";
  part.folders = 2;
  CHECK(watcher_event_to_json(part, plain).empty());
  CHECK(watcher_event_to_json(part, extended) ==
        R"({"channel":"watcher","type":"degraded","watcher_id":"3",)"
        R"("path":"/srv/x/big","reason":"full","dirs":2,"seq":9})");
  const auto gone = other(watch_event_kind::gone);
  CHECK(watcher_event_to_json(gone, plain).empty());
  CHECK(watcher_event_to_json(gone, extended) ==
        R"({"channel":"watcher","type":"gone","watcher_id":"3",)"
        R"("root":"/srv/x","seq":9})");
}

TEST_CASE("the runtime API has three words for a change") {
  const auto text = [](file_op op) {
    return runtime_event_to_json(change(op, "/a"));
  };
  CHECK(text(file_op::create) ==
        R"({"type":"file_changed","path":"/a","event_type":"created"})");
  CHECK(text(file_op::write) ==
        R"({"type":"file_changed","path":"/a","event_type":"modified"})");
  CHECK(text(file_op::remove) ==
        R"({"type":"file_changed","path":"/a","event_type":"deleted"})");
  CHECK(text(file_op::rename) == text(file_op::remove));
  CHECK(runtime_event_to_json(other(watch_event_kind::lost)) ==
        R"({"type":"resync"})");
  CHECK(runtime_event_to_json(other(watch_event_kind::ready)).empty());
}

TEST_CASE("the files channel has three words for a change") {
  auto made = change(file_op::create, "/a");
  made.is_folder = true;
  CHECK(channel_event_to_json(made) ==
        R"({"channel":"files","type":"change","action":"create","path":"/a",)"
        R"("isDirectory":true})");
  CHECK(channel_event_to_json(change(file_op::write, "/a")) ==
        R"({"channel":"files","type":"change","action":"modify","path":"/a",)"
        R"("isDirectory":false})");
  CHECK(channel_event_to_json(change(file_op::rename, "/a")).find("delete") !=
        std::string::npos);
  CHECK(channel_event_to_json(other(watch_event_kind::lost)) ==
        R"({"channel":"files","type":"resync"})");
  CHECK(channel_event_to_json(other(watch_event_kind::gone)).empty());
}

TEST_CASE("names that are not UTF-8 leave valid JSON") {
  const auto text =
      watcher_event_to_json(change(file_op::create, "/\xff\x01\""), plain);
  CHECK(text.find("\xff") == std::string::npos);
  CHECK(text.find("\\u0001\\\"") != std::string::npos);
}
