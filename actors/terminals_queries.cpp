// What the terminals actor is asked without anything changing.

#include <algorithm>

#include "actors/terminals.hpp"

namespace outrigger {

terminal_list terminals_state::list() const {
  terminal_list all;
  for (const auto& [key, e] : entries)
    if (e.listed)
      all.terminals.push_back(summarise(e.record, *e.session, e.exit));
  std::sort(all.terminals.begin(), all.terminals.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  return all;
}

const terminals_state::entry* terminals_state::listed(std::uint8_t id) const {
  for (const auto& [key, e] : entries)
    if (e.listed && e.record.id == id)
      return &e;
  return nullptr;
}

error terminals_state::no_terminal(std::uint8_t id) {
  return {errc::not_found,
          "terminal not found: " + std::to_string(unsigned{id})};
}

caf::result<found_terminal> terminals_state::find(std::uint8_t id) const {
  if (const auto* e = listed(id))
    return found_terminal{summarise(e->record, *e->session, e->exit), e->actor};
  return to_caf(no_terminal(id));
}

found_terminals terminals_state::find_all() const {
  found_terminals all;
  for (const auto& [key, e] : entries)
    if (e.listed)
      all.terminals.push_back(e.actor);
  return all;
}

caf::result<done>
terminals_state::check(const check_resume_points& request) const {
  for (const auto& point : request.points) {
    const auto* e = listed(point.id);
    const auto head = e ? e->session->output().head() : point.offset;
    if (point.offset > head)
      return to_caf({errc::malformed,
                     "after: terminal " + std::to_string(unsigned{point.id}) +
                         " has printed " + std::to_string(head) +
                         " bytes, not " + std::to_string(point.offset)});
  }
  return done{};
}

terminal_counts terminals_state::count() const {
  terminal_counts counts;
  for (const auto& [key, e] : entries) {
    counts.alive += e.listed && !e.exit ? 1 : 0;
    counts.listed += e.listed ? 1 : 0;
  }
  return counts;
}

} // namespace outrigger
