#include "actors/rest_desk.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace outrigger {
namespace {

using namespace std::chrono_literals;

/// For calls answered from memory, and for those that wait for a program to
/// be started.
constexpr auto call_timeout = 5s;
constexpr auto create_timeout = 8s;

std::int64_t unix_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// The error branch of every request.
auto refuse(answer_function answer) {
  return [answer](const caf::error& err) { answer(from_caf(err)); };
}

} // namespace

void desk_state::run(const desk_call& request) {
  const auto& [call, answer] = request;
  switch (call.matched->id) {
  case route_id::health:
    return health(answer);
  case route_id::runtime:
    return answer(rest_answer{200, runtime_to_json(deps.runtime)});
  case route_id::runtimes:
    return answer(rest_answer{200, runtimes_to_json(deps.runtime)});
  case route_id::terminals_create:
    return create(request);
  case route_id::terminals_list:
    self->request(deps.terminals, call_timeout, list_terminals{})
        .then(
            [answer = answer](const terminal_list& list) {
              answer(rest_answer{200, terminals_to_json(list.terminals)});
            },
            refuse(answer));
    return;
  default:
    break;
  }
  const auto id = parse_terminal_id(call.id);
  if (!id)
    return answer(error{errc::not_found, "terminal not found: " + call.id});
  switch (call.matched->id) {
  case route_id::terminal_show:
    self->request(deps.terminals, call_timeout, find_terminal{*id})
        .then(
            [answer = answer](const found_terminal& found) {
              answer(rest_answer{200, terminal_to_json(found.summary)});
            },
            refuse(answer));
    return;
  case route_id::terminal_delete:
    return remove(*id, answer);
  case route_id::terminal_scrollback:
    return scrollback(*id, request);
  case route_id::terminal_resize:
    return resize(*id, request);
  default:
    answer(error{errc::internal, "route without a handler"});
  }
}

void desk_state::health(const answer_function& answer) {
  health_report report;
  report.version = deps.runtime.version;
  report.workspace = deps.runtime.workspace;
  report.uptime_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::steady_clock::now() - started)
                         .count();
  report.terminal_limit = deps.terminal_limit;
  report.connections = deps.sockets();
  report.loop_lag_us = deps.loop_lag().count();
  self->request(deps.holder, call_timeout, is_holder_alive{})
      .then(
          [this, report, answer](bool alive) mutable {
            report.holder = alive;
            self->request(deps.terminals, call_timeout, count_terminals{})
                .then(
                    [report, answer](const terminal_counts& counts) mutable {
                      report.terminals = counts.alive;
                      answer(
                          rest_answer{200, health_to_json(report, unix_ms())});
                    },
                    refuse(answer));
          },
          refuse(answer));
}

void desk_state::create(const desk_call& request) {
  auto body = parse_create_terminal(request.call.body);
  if (!body)
    return request.answer(body.error());
  self->request(deps.terminals, create_timeout, create_terminal{*body})
      .then(
          [answer = request.answer](const terminal_summary& created) {
            answer(rest_answer{201, created_to_json(created)});
          },
          refuse(request.answer));
}

void desk_state::remove(std::uint8_t id, const answer_function& answer) {
  self->request(deps.terminals, call_timeout, delete_terminal{id})
      .then(
          [id, answer](done) {
            answer(rest_answer{200, deleted_to_json(id)});
          },
          refuse(answer));
}

void desk_state::resize(std::uint8_t id, const desk_call& request) {
  auto size = parse_resize_body(request.call.body);
  if (!size)
    return request.answer(size.error());
  self->request(deps.terminals, call_timeout, find_terminal{id})
      .then(
          [this, id, size = *size,
           answer = request.answer](const found_terminal& found) {
            self->request(found.terminal, call_timeout, resize_terminal{size})
                .then(
                    [id, answer](terminal_size applied) {
                      answer(rest_answer{200, resized_to_json(id, applied)});
                    },
                    refuse(answer));
          },
          refuse(request.answer));
}

void desk_state::scrollback(std::uint8_t id, const desk_call& request) {
  const auto* bytes = request.call.target.find("bytes");
  auto max = parse_byte_count(bytes ? *bytes : "");
  if (!max)
    return request.answer(max.error());
  self->request(deps.terminals, call_timeout, find_terminal{id})
      .then(
          [this, max = *max,
           answer = request.answer](const found_terminal& found) {
            self->request(found.terminal, call_timeout, get_scrollback{max})
                .then(
                    [answer](const outrigger::scrollback& content) {
                      answer(rest_answer{200, scrollback_to_json(content)});
                    },
                    refuse(answer));
          },
          refuse(request.answer));
}

// -- resume -------------------------------------------------------------------

void desk_state::resume(const desk_resume& request) {
  self->request(deps.terminals, call_timeout,
                check_resume_points{request.options.after})
      .then(
          [request](done) { request.answer(request.options); },
          [request](const caf::error& err) { request.answer(from_caf(err)); });
}

// -- the actor ----------------------------------------------------------------

desk_actor::behavior_type
rest_desk(desk_actor::stateful_pointer<desk_state> self, desk_deps deps) {
  end_on_exception(self);
  self->state.self = self;
  self->state.deps = std::move(deps);
  self->state.started = std::chrono::steady_clock::now();
  return {
      [self](const desk_call& request) { self->state.run(request); },
      [self](const desk_resume& request) { self->state.resume(request); },
  };
}

} // namespace outrigger
