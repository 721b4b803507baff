// What a connection's client types: to the terminals, one chunk at a time.
#include "actors/connection.hpp"

#include <utility>

namespace outrigger {

error unknown_terminal(std::uint8_t id) {
  return {errc::not_found,
          "terminal not found: " + std::to_string(unsigned{id})};
}

error view_only_refusal() {
  return {errc::forbidden,
          "view only: input and resize are refused on this connection"};
}

void connection_state::take_input(client_input input) {
  if (!complete)
    return early.push_back(std::move(input));
  auto* t = find(input.id);
  if (!t || !t->usable || input.bytes.empty()) {
    if (!input.bytes.empty())
      send_error(input.id,
                 t ? view_only_refusal() : unknown_terminal(input.id));
    return consumed(input.size);
  }
  if (t->input.push(std::move(input.bytes), input.size))
    send_input(*t);
}

/// Hands the terminal the next chunk. One is under way at a time: the rest is
/// held here, and with it the socket, when it is too much.
void connection_state::send_input(known& t) {
  caf::anon_send(t.terminal, terminal_input{viewer_actor{self},
                                            std::make_shared<const std::string>(
                                                t.input.next())});
}

void connection_state::input_done(const input_taken& event) {
  auto* t = find(event.id);
  if (!t)
    return;
  consumed(t->input.taken(event.bytes));
  if (!t->input.empty())
    send_input(*t);
}

void connection_state::drop_input(known& t) {
  consumed(t.input.clear());
}

/// Hands what waits to the terminal, for the socket is gone.
void connection_state::leave(known& t) {
  if (!t.input.empty())
    caf::anon_send(t.terminal, leave_input{viewer_actor{self},
                                           std::make_shared<const std::string>(
                                               t.input.rest())});
}

} // namespace outrigger
