#include "net/bridge.hpp"

#include <utility>

#include <spdlog/spdlog.h>

#include "actors/connection.hpp"
#include "actors/rest_desk.hpp"
#include "net/undecided_socket.hpp"
#include "protocol/limits.hpp"
#include "protocol/terminal_frame.hpp"

namespace outrigger {
namespace {

/// Frames of one socket in the terminals dialect, as messages to its
/// connection actor.
class terminals_handler final : public frame_handler {
public:
  explicit terminals_handler(connection_actor actor)
      : actor_{std::move(actor)} {}

  void on_frame(frame_kind kind, std::string bytes) override {
    if (kind == frame_kind::binary)
      return on_binary(std::move(bytes));
    const auto size = bytes.size();
    auto parsed = parse_socket_message(bytes);
    if (parsed)
      caf::anon_send(actor_, client_message{std::move(*parsed), size});
    else
      caf::anon_send(actor_, client_mistake{parsed.error(), size});
  }

  void on_taken(stream_id stream) override {
    caf::anon_send(actor_, stream_taken{stream});
  }

  void on_closed() override { caf::anon_send(actor_, client_closed{}); }

private:
  void on_binary(std::string bytes) {
    const auto size = bytes.size();
    auto parsed = parse_terminal_frame(bytes);
    if (!parsed) {
      caf::anon_send(actor_, client_mistake{parsed.error(), size});
      return;
    }
    const auto id = parsed->id;
    bytes.erase(0, 1);
    caf::anon_send(actor_, client_input{id, std::move(bytes), size});
  }

  connection_actor actor_;
};

/// The same of the runtime API, whose messages its actor answers as they are.
class runtime_handler final : public frame_handler {
public:
  explicit runtime_handler(runtime_socket_actor actor)
      : actor_{std::move(actor)} {}

  void on_frame(frame_kind kind, std::string bytes) override {
    caf::anon_send(actor_, runtime_said{kind, std::move(bytes)});
  }
  void on_taken(stream_id stream) override {
    caf::anon_send(actor_, stream_taken{stream});
  }
  void on_closed() override { caf::anon_send(actor_, client_closed{}); }

private:
  runtime_socket_actor actor_;
};

/// The query of an upgrade as the connection understands it.
result<connection_options> parse_options_of(const http_target& target,
                                            const scope_set& scopes) {
  connection_options options;
  options.scopes = scopes;
  const auto value = [&](std::string_view name) {
    const auto* found = target.find(name);
    return found ? std::string_view{*found} : std::string_view{};
  };
  options.extended = value("ext") == "1";
  options.view_only = value("mode") == "view";
  options.attach_all = value("attach") != "none";
  if (options.extended) {
    auto after = parse_resume_points(value("after"));
    if (!after)
      return after.error();
    options.after = std::move(*after);
    // Not even whether they exist is told of terminals it may not see.
    std::erase_if(options.after, [&](const resume_point& point) {
      return scopes.on_terminal(point.id) == right::none;
    });
  }
  return options;
}

class bridge final : public endpoint {
public:
  explicit bridge(bridge_deps deps)
      : deps_{std::move(deps)}, rest_{deps_.desk}, files_{deps_.files} {}

  void rest(rest_call call, answer_function answer) override {
    if (call.matched->id == route_id::health)
      return answer(rest_answer{200, deps_.health()});
    const auto& desk = desk_of(*call.matched);
    if (!desk)
      return answer(error{errc::unsupported, "this is not served here"});
    caf::anon_send(desk, desk_call{std::move(call), std::move(answer)});
  }

  void upload(
      rest_call call,
      std::function<void(result<std::shared_ptr<body_sink>>)> answer) override {
    caf::anon_send(deps_.files,
                   desk_upload{std::move(call), std::move(answer)});
  }

  void socket(socket_call call,
              std::function<void(result<socket_plan>)> answer) override {
    if (call.matched && call.matched->id == route_id::runtime_websocket)
      return answer(plan_runtime(call.who.scopes));
    const auto* dialect = call.target.find("dialect");
    const bool computer =
        (dialect && *dialect == "cua") ||
        (!dialect && !call.dialect_forced && call.names_computer);
    const bool forced =
        call.dialect_forced ||
        (dialect && (*dialect == "oblien" || *dialect == "terminals"));
    if (computer)
      return answer(error{errc::unsupported,
                          "the computer dialect is not served by this "
                          "version"});
    if (dialect && !forced)
      return answer(
          error{errc::malformed, "unknown dialect: use dialect=oblien"});
    if (forced && !call.who.authenticated)
      return answer(error{errc::unauthorized, "a token is required: give it "
                                              "as a bearer token or ?token="});
    if (call.who.authenticated && !sees_something(call.who.scopes))
      return answer(error{errc::forbidden, "the credential lacks the scope "
                                           "terminal, and files as well"});
    auto options = parse_options_of(call.target, call.who.scopes);
    if (!options)
      return answer(options.error());
    const bool undecided =
        !call.who.authenticated || (!forced && !names_dialect(call));
    check_resume(call.who.authenticated, std::move(*options),
                 [this, undecided, call, answer](auto checked) {
                   if (!checked)
                     return answer(checked.error());
                   answer(undecided ? plan_undecided(call, std::move(*checked))
                                    : plan_terminals(std::move(*checked)));
                 });
  }

private:
  [[nodiscard]] const call_actor& desk_of(const route& row) const {
    switch (row.id) {
    case route_id::files_search:
    case route_id::files_search_files:
    case route_id::files_search_init:
      return deps_.search;
    case route_id::watchers_create:
    case route_id::watchers_list:
    case route_id::watcher_show:
    case route_id::watcher_delete:
      return deps_.watching.desk;
    default:
      return row.about == subject::files ? files_ : rest_;
    }
  }

  /// A credential or an extension on the upgrade means the terminals dialect;
  /// without either, the first frame decides.
  static bool names_dialect(const socket_call& call) {
    return call.who.by_credential || call.target.names_token ||
           call.has_bearer || call.target.find("ext") != nullptr;
  }

  /// Of what there is on this socket: terminals, and watched folders.
  static bool sees_something(const scope_set& scopes) {
    return scopes.allows(scope::read) || scopes.allows_some(scope::terminal) ||
           scopes.allows_some(scope::files);
  }

  /// Offsets that were never printed are refused before the upgrade. Only
  /// asked of clients that have shown who they are.
  void check_resume(bool known, connection_options options,
                    std::function<void(result<connection_options>)> answer) {
    if (options.after.empty() || !known)
      return answer(std::move(options));
    caf::anon_send(deps_.desk,
                   desk_resume{std::move(options), std::move(answer)});
  }

  socket_plan plan_terminals(connection_options options) {
    options.number = ++last_number_;
    return {[this, options](std::weak_ptr<frame_sink> sink)
                -> std::unique_ptr<frame_handler> {
              auto actor =
                  deps_.system.spawn(connection, options, std::move(sink),
                                     deps_.terminals, deps_.watching.watches);
              return std::make_unique<terminals_handler>(std::move(actor));
            },
            deps_.limits.max_message};
  }

  socket_plan plan_runtime(const scope_set& scopes) {
    return {[this, scopes](std::weak_ptr<frame_sink> sink)
                -> std::unique_ptr<frame_handler> {
              auto actor =
                  deps_.system.spawn(runtime_socket, scopes, std::move(sink),
                                     runtime_socket_deps{deps_.watching.watches,
                                                         deps_.watching.stats});
              return std::make_unique<runtime_handler>(std::move(actor));
            },
            deps_.limits.max_message};
  }

  socket_plan plan_undecided(const socket_call& call,
                             connection_options options) {
    auto terminals = plan_terminals(std::move(options));
    return {[this, who = call.who, check = call.check,
             open = terminals.open](std::weak_ptr<frame_sink> sink) {
              return undecided_socket(deps_.loop, who, std::move(sink), open,
                                      check, deps_.limits.auth_timeout);
            },
            call.who.authenticated ? deps_.limits.max_message
                                   : limits::max_unauthenticated_message};
  }

  bridge_deps deps_;
  call_actor rest_;
  call_actor files_;
  viewer_id last_number_ = 0;
};

} // namespace

std::unique_ptr<endpoint> make_bridge(bridge_deps deps) {
  return std::make_unique<bridge>(std::move(deps));
}

} // namespace outrigger
