#include "protocol/files/watch_event.hpp"

#include "protocol/json.hpp"

namespace outrigger {

namespace {

using kind = watch_event_kind;

/// What each dialect calls it.
struct op_names {
  std::string_view watcher;
  std::string_view runtime;
  std::string_view channel;
};

op_names names_of(file_op op) {
  switch (op) {
  case file_op::create:
    return {"create", "created", "create"};
  case file_op::write:
    return {"write", "modified", "modify"};
  case file_op::remove:
    return {"remove", "deleted", "delete"};
  case file_op::rename:
    break;
  }
  return {"rename", "deleted", "delete"}; // where there is no word for it
}

std::string_view type_of(const watch_event& event, bool extended) {
  switch (event.kind) {
  case kind::change:
    return "change";
  case kind::ready:
    return "ready";
  case kind::lost:
    return extended ? "resync" : "overflow";
  case kind::degraded:
    return extended ? "degraded" : "";
  case kind::gone:
    break;
  }
  return extended ? "gone" : "";
}

void write_change(json::writer& out, const watch_event& event, bool extended) {
  out.field("path", event.path).field("op", names_of(event.op).watcher);
  if (!extended)
    return;
  out.field("dir", event.is_folder);
  if (!event.other.empty())
    out.field(event.op == file_op::create ? "from" : "to", event.other);
}

} // namespace

std::string watcher_event_to_json(const watch_event& event,
                                  const watch_reader& reader) {
  const auto type = type_of(event, reader.extended);
  if (type.empty())
    return {};
  json::writer out;
  out.field("channel", "watcher")
      .field("type", type)
      .field("watcher_id", reader.id);
  switch (event.kind) {
  case kind::change:
    write_change(out, event, reader.extended);
    break;
  case kind::ready:
    out.field("root", reader.root).field("dirs", event.folders);
    if (!reader.own_id.empty())
      out.field("id", reader.own_id);
    break;
  case kind::lost:
    if (!reader.extended)
      out.field("message",
                "Event queue overflow, some events may have been lost");
    break;
  case kind::degraded:
    out.field("path", event.path).field("reason", event.reason);
    if (event.folders > 0)
      out.field("dirs", event.folders);
    break;
  case kind::gone:
    out.field("root", reader.root);
    break;
  }
  if (reader.extended)
    out.field("seq", event.sequence);
  return out.finish();
}

std::string runtime_event_to_json(const watch_event& event) {
  json::writer out;
  if (event.kind == kind::lost) {
    out.field("type", "resync");
    return out.finish();
  }
  if (event.kind != kind::change)
    return {};
  out.field("type", "file_changed")
      .field("path", event.path)
      .field("event_type", names_of(event.op).runtime);
  return out.finish();
}

std::string channel_event_to_json(const watch_event& event) {
  json::writer out;
  out.field("channel", "files");
  if (event.kind == kind::lost) {
    out.field("type", "resync");
    return out.finish();
  }
  if (event.kind != kind::change)
    return {};
  out.field("type", "change")
      .field("action", names_of(event.op).channel)
      .field("path", event.path)
      .field("isDirectory", event.is_folder);
  return out.finish();
}

} // namespace outrigger
