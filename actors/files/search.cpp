#include "actors/files/search.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include <spdlog/spdlog.h>

#include "protocol/files/rg_command.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

/// As for terminals: longer than the holder's own deadline.
constexpr auto holder_timeout = 6s;

/// Of ripgrep's output, what is taken in at a time: about a millisecond's work.
constexpr std::size_t piece_size = std::size_t{128} * 1024;

/// Of what ripgrep complains, what is read.
constexpr std::size_t complaint_size = 4096;

/// What ripgrep ends with when it did not search all: "an error occurred".
constexpr int failed_exit = 2;

} // namespace

os::spawn_request helper_spawn(std::vector<std::string> argv,
                               std::string folder) {
  os::spawn_request request;
  request.kind = os::session_kind::pipes;
  request.argv = std::move(argv);
  request.env = {"LC_ALL=C.UTF-8"};
  request.cwd = std::move(folder);
  request.tag = search_tag;
  request.paced = true;
  return request;
}

// -- steps --------------------------------------------------------------------

/// Nothing in a step throws on purpose; what does must not end the process.
void search_state::run_step(std::function<void()> work,
                            std::function<void()> then) {
  working = true;
  next = std::move(then);
  auto failure = std::make_shared<bool>(false);
  deps.step(
      [work = std::move(work), failure] {
        try {
          work();
        } catch (const std::exception& what) {
          spdlog::error("search: {}", what.what());
          *failure = true;
        }
      },
      [failure, me = weak(self)] {
        send_if_alive<search_actor>(me, search_worked{*failure});
      });
}

void search_state::worked(bool failed) {
  working = false;
  const auto then = std::exchange(next, nullptr);
  if (task.answer && failed)
    give(error{errc::internal, "the search failed"});
  else if (task.answer)
    then();
  quit_when_idle();
}

// -- beginning ----------------------------------------------------------------

void search_state::start() {
  const auto time = task.deadline - self->clock().now();
  self->delayed_send(self, std::max(time, time.zero()), search_overdue{});
  left.emplace(task.gone, [me = weak(self)] {
    send_if_alive<search_actor>(me, search_overdue{});
  });
  struct outcome {
    result<void> begun;
    std::optional<search_work::program_call> call;
  };
  auto out = std::make_shared<outcome>();
  run_step(
      [work = task.work, path = deps.path, out] {
        out->begun = work->begin();
        if (out->begun)
          out->call = work->program(path);
      },
      [this, out] { began(out->begun, out->call); });
}

void search_state::began(const result<void>& begun,
                         const std::optional<search_work::program_call>& call) {
  if (!begun)
    return give(begun.error());
  if (call)
    return spawn(*call);
  search_alone({});
}

void search_state::spawn(const search_work::program_call& call) {
  spawning = true;
  self->request(deps.holder, holder_timeout,
                spawn_session{helper_spawn(call.argv, call.folder)})
      .then([this](const spawned_session& answer) { spawned(answer); },
            [this](const caf::error& err) { not_spawned(from_caf(err)); });
}

void search_state::spawned(const spawned_session& answer) {
  spawning = false;
  session = answer.session;
  caf::anon_send(keeper, search_session{self->address(), session->info().key});
  session->close_input();
  session->on_ready(
      [me = weak(self)] { send_if_alive<search_actor>(me, search_printed{}); });
  quit_when_idle();
}

void search_state::not_spawned(const error& why) {
  spawning = false;
  if (why.code == errc::timeout)
    caf::anon_send(keeper, search_session_unknown{});
  if (task.answer)
    search_alone(why.detail);
  quit_when_idle();
}

// -- ripgrep ------------------------------------------------------------------

/// Takes in the next piece, if there is one; the program goes on as far as it
/// was.
void search_state::read() {
  if (working || !session || !task.answer)
    return;
  auto& output = session->output();
  for (;;) {
    const auto status = session->exited(); // before the head: then it is last
    const auto head = output.head();
    if (head > cursor)
      break;
    if (status)
      return program_ended(*status);
    if (!output.arm(head, false))
      return; // search_printed tells of more
  }
  auto piece = std::make_shared<std::string>(piece_size, '\0');
  const auto slice = output.read(cursor, *piece);
  if (slice.offset != cursor) // an old holder, which does not pace
    return search_alone("some of its output was lost");
  piece->resize(slice.size);
  cursor += slice.size;
  session->set_credit(cursor + output.capacity());
  auto taken = std::make_shared<result<void>>();
  run_step([work = task.work, piece, taken] { *taken = work->take(*piece); },
           [this, taken] { took(*taken); });
}

void search_state::took(const result<void>& taken) {
  if (!taken)
    return search_alone(taken.error().detail);
  if (task.work->is_enough())
    return write_answer();
  read();
}

void search_state::program_ended(const os::exit_status& status) {
  if (task.work->is_complete())
    return write_answer();
  const auto said = complaint();
  if (!status.signaled && status.value == failed_exit)
    if (auto why = pattern_complaint(said))
      return give(*why);
  search_alone(said.empty() ? "it ended early" : said);
}

/// Its session went with the holder.
void search_state::lost(const std::string& reason) {
  if (!session || !task.answer)
    return;
  session.reset();
  if (working)
    next = [this, reason] { search_alone(reason); };
  else
    search_alone(reason);
}

std::string search_state::complaint() const {
  auto* errors = session->errors();
  if (!errors)
    return {};
  std::string text(complaint_size, '\0');
  text.resize(errors->read(0, text).size);
  return text;
}

// -- without ripgrep ----------------------------------------------------------

/// `why`: what went wrong with ripgrep, if it is there.
void search_state::search_alone(std::string_view why) {
  if (!why.empty())
    spdlog::warn("search: without ripgrep: {}", why.substr(0, why.find('\n')));
  session.reset();
  auto begun = std::make_shared<result<void>>();
  run_step([work = task.work, begun] { *begun = work->begin_own(); },
           [this, begun] {
             if (*begun)
               step_alone();
             else
               give(begun->error());
           });
}

void search_state::step_alone() {
  auto over = std::make_shared<bool>(false);
  run_step(
      [work = task.work, slice = deps.slice, token = stop.get_token(), over] {
        *over = work->step(search_work::clock::now() + slice, token);
      },
      [this, over] {
        if (*over)
          write_answer();
        else
          step_alone();
      });
}

// -- the end ------------------------------------------------------------------

/// A large answer takes a while to write.
void search_state::write_answer() {
  session.reset();
  auto made = std::make_shared<rest_answer>();
  run_step([work = task.work, made] { *made = work->answer(); },
           [this, made] { give(std::move(*made)); });
}

void search_state::overdue() {
  stop.request_stop();
  if (task.answer)
    give(error{errc::timeout, "the search was not done within " +
                                  std::to_string(task.timeout.count()) + " s"});
}

void search_state::give(result<rest_answer> what) {
  std::exchange(task.answer, nullptr)(std::move(what));
  session.reset();
  quit_when_idle();
}

/// The thread that works for us, and the holder that starts a program for us,
/// must find us.
void search_state::quit_when_idle() {
  if (!task.answer && !working && !spawning)
    self->quit();
}

search_actor::behavior_type
search(search_actor::stateful_pointer<search_state> self, search_deps deps,
       search_task task, search_keeper keeper) {
  end_on_exception(self);
  auto& state = self->state;
  state.self = self;
  state.deps = std::move(deps);
  state.task = std::move(task);
  state.keeper = std::move(keeper);
  state.start();
  return {
      [self](search_overdue) { self->state.overdue(); },
      [self](const search_lost& e) { self->state.lost(e.reason); },
      [self](search_printed) { self->state.read(); },
      [self](search_worked e) { self->state.worked(e.failed); },
  };
}

} // namespace outrigger
