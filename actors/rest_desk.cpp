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

/// The error branch of every request.
auto refuse(answer_function answer) {
  return [answer](const caf::error& err) { answer(from_caf(err)); };
}

} // namespace

void desk_state::run(const desk_call& request) {
  const auto& [call, answer] = request;
  switch (call.matched->id) {
  case route_id::runtime:
    return answer(rest_answer{200, runtime_to_json(deps.runtime)});
  case route_id::runtimes:
    return answer(rest_answer{200, runtimes_to_json(deps.runtime)});
  case route_id::metrics:
    return metrics(answer);
  case route_id::terminals_create:
    return create(request);
  case route_id::terminals_list:
    self->request(deps.terminals, call_timeout, list_terminals{})
        .then(
            [answer = answer, scopes = call.who.scopes](terminal_list list) {
              std::erase_if(list.terminals, [&](const auto& terminal) {
                return scopes.on_terminal(terminal.id) == right::none;
              });
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

// -- metrics ------------------------------------------------------------------

/// Asks every terminal once, however many ask for it. One that is stuck does
/// not hold up the rest for longer than scrape_patience.
void desk_state::metrics(const answer_function& answer) {
  if (scraping) {
    scraping->askers.push_back(answer);
    return;
  }
  scraping.emplace().askers.push_back(answer);
  self->request(deps.terminals, scrape_patience, find_terminals{})
      .then([this](const found_terminals& all) { measure(all); },
            [this](const caf::error&) { answer_scrape(); });
}

void desk_state::measure(const found_terminals& all) {
  scraping->waiting_for = all.terminals.size();
  if (all.terminals.empty())
    return answer_scrape();
  for (const auto& terminal : all.terminals)
    self->request(terminal, scrape_patience, measure_viewers{})
        .then(
            [this](const viewer_lags& lags) {
              scraping->lags.push_back(lags);
              measured_one();
            },
            [this](const caf::error&) {
              ++scraping->silent;
              measured_one();
            });
}

void desk_state::measured_one() {
  if (--scraping->waiting_for == 0)
    answer_scrape();
}

void desk_state::answer_scrape() {
  auto round = std::move(*scraping);
  scraping.reset();
  metrics_snapshot now;
  now.counted = deps.counted;
  now.health = deps.health;
  now.lags = std::move(round.lags);
  now.silent_terminals = round.silent;
  now.actors = self->system().registry().running();
  if (deps.load)
    now.load = deps.load();
  if (deps.pressures)
    now.load_ratios = deps.pressures();
  if (deps.process)
    now.process = deps.process();
  if (deps.watching)
    now.watching = deps.watching();
  const rest_answer page{200, to_prometheus(now), prometheus_type};
  for (const auto& answer : round.askers)
    answer(page);
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
  return {
      [self](const desk_call& request) { self->state.run(request); },
      [self](const desk_resume& request) { self->state.resume(request); },
  };
}

} // namespace outrigger
