#include "tests/actors/terminal_fixture.hpp"

#include <utility>

namespace outrigger {
namespace {

exit_listener::behavior_type
recording_listener(exit_listener::pointer /*self*/,
                   std::vector<terminal_exited>* exits) {
  return {[exits](const terminal_exited& e) { exits->push_back(e); }};
}

} // namespace

terminal_fixture::terminal_fixture()
    : listener{keep(system.spawn(recording_listener, &exits))} {
  use({});
}

void terminal_fixture::use(fake_session_options session,
                           std::size_t scrollback_size) {
  if (program)
    end(term);
  program.emplace(loop, std::move(session));
  terminal_record record;
  record.id = id;
  record.scrollback_size = scrollback_size;
  term =
      keep(system.spawn(terminal, record, program->get(), listener, &counted));
  run();
}

watcher terminal_fixture::new_viewer() {
  watcher viewer;
  viewer.who = ++last_viewer_;
  viewer.seen = std::make_shared<viewer_record>();
  viewer.handle = keep(system.spawn(recording_viewer, viewer.seen));
  return viewer;
}

watcher terminal_fixture::watch(std::optional<std::uint64_t> after) {
  auto viewer = new_viewer();
  attach(viewer, after);
  return viewer;
}

void terminal_fixture::attach(const watcher& viewer,
                              std::optional<std::uint64_t> after) {
  send(term, attach_viewer{viewer.who, viewer.handle, after});
  run();
}

void terminal_fixture::pull(const watcher& viewer, std::size_t max) {
  send(term, pull_output{viewer.who, max});
  run();
}

void terminal_fixture::read_all(const watcher& viewer, std::size_t max) {
  std::size_t before = 0;
  do {
    before = viewer.seen->events.size();
    pull(viewer, max);
  } while (viewer.seen->events.size() > before);
}

watcher terminal_fixture::watch_all(std::optional<std::uint64_t> after) {
  auto viewer = watch(after);
  read_all(viewer);
  return viewer;
}

void terminal_fixture::ack(const watcher& viewer, std::uint64_t offset) {
  send(term, ack_output{viewer.who, offset});
  run();
}

void terminal_fixture::type(const watcher& viewer, std::string bytes) {
  send(term, terminal_input{viewer.handle, std::make_shared<const std::string>(
                                               std::move(bytes))});
  run();
}

std::size_t terminal_fixture::print(std::string_view bytes) {
  const auto printed = program->print(bytes);
  run();
  return printed;
}

} // namespace outrigger
