// TICKET DESK: answers POST /ticket. Called for a request the gate let in,
// before it would go to the endpoint: randomness and the book of tickets are
// the network edge's own.

#pragma once

#include "protocol/access.hpp"
#include "protocol/endpoint.hpp"
#include "protocol/ticket_book.hpp"

namespace outrigger {

/// Issues a ticket for what the body asks. Unauthorized: nobody in
/// particular asks. Forbidden: one who came by a ticket, or wider scopes than
/// the caller's. Not_found: the path is no route.
/// Internal: the kernel has no randomness.
[[nodiscard]] result<rest_answer>
issue_ticket(const rest_call& call, ticket_book& tickets, moment now);

} // namespace outrigger
