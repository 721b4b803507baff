#include "tests/actors/workspace_fixture.hpp"

#include <utility>

namespace outrigger {
namespace {

terminal_listener::behavior_type
recording_directory(terminal_listener::pointer /*self*/,
                    std::shared_ptr<directory_record> record) {
  return {
      [record](const terminal_added& e) { record->added.push_back(e); },
      [record](const terminal_removed& e) { record->removed.push_back(e); },
      [record](terminals_complete) {
        record->complete_at.push_back(record->added.size());
      },
  };
}

terminals_options defaults() {
  terminals_options options;
  options.defaults.root = "/srv";
  options.defaults.shell = "/bin/bash";
  return options;
}

} // namespace

workspace_fixture::workspace_fixture()
    : held{std::make_shared<held_sessions>(loop)}, holder{keep(system.spawn(
                                                       fake_holder, held))} {
  use(defaults());
}

void workspace_fixture::use(terminals_options options) {
  if (terminals)
    end(terminals);
  terminals = keep(system.spawn(outrigger::terminals, holder, options));
  run();
}

result<terminal_summary>
workspace_fixture::try_create(create_terminal_body body) {
  return ask<terminal_summary>(terminals, create_terminal{std::move(body)});
}

std::uint8_t workspace_fixture::create(create_terminal_body body) {
  auto created = try_create(std::move(body));
  REQUIRE(created);
  return created->id;
}

result<done> workspace_fixture::remove(std::uint8_t id) {
  return ask<done>(terminals, delete_terminal{id});
}

std::vector<terminal_summary> workspace_fixture::list() {
  auto all = ask<terminal_list>(terminals, list_terminals{});
  REQUIRE(all);
  return all->terminals;
}

terminal_counts workspace_fixture::count() {
  auto counts = ask<terminal_counts>(terminals, count_terminals{});
  REQUIRE(counts);
  return *counts;
}

terminal_actor workspace_fixture::find(std::uint8_t id) {
  auto found = ask<found_terminal>(terminals, find_terminal{id});
  REQUIRE(found);
  return found->terminal;
}

fake_session& workspace_fixture::program(std::uint8_t id) {
  auto found = ask<found_terminal>(terminals, find_terminal{id});
  REQUIRE(found);
  return held->sessions.at(std::stoull(found->summary.session, nullptr, 16));
}

void workspace_fixture::session_over(std::uint64_t key) {
  send(terminals, session_ended{key});
  run();
}

void workspace_fixture::exit(std::uint8_t id, int code) {
  program(id).exit(code);
  run();
}

void workspace_fixture::fail(std::uint8_t id) {
  end(find(id), true);
}

std::shared_ptr<directory_record> workspace_fixture::subscribe() {
  auto record = std::make_shared<directory_record>();
  last_listener = keep(system.spawn(recording_directory, record));
  send(terminals, subscribe_terminals{last_listener});
  run();
  return record;
}

} // namespace outrigger
