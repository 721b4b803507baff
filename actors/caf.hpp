// The one way actors/ includes CAF: some of its headers only compile after
// caf/all.hpp. Also what every actor file needs: error codes, `done`, and a
// handler for exceptions, because CAF's default prints to stdout.

#pragma once

#include <exception>
#include <string>

#include <caf/all.hpp>

#include "protocol/result.hpp"

namespace outrigger {

/// The answer of a request that has nothing to say but that it worked.
struct done {};

/// Carries a protocol error through CAF: category "outrigger", the detail as
/// its context.
[[nodiscard]] caf::error to_caf(const error& err);

/// The inverse. Errors of CAF itself become unavailable (the receiver is
/// gone), timeout, or internal.
[[nodiscard]] error from_caf(const caf::error& err);

/// Logs `what` for the actor `name` and returns the error for it.
[[nodiscard]] caf::error escaped_exception(const char* name,
                                           const std::exception_ptr& what);

/// Logs an exception that escapes a handler and makes it the reason the actor
/// ends with. To be installed by every actor function.
template <class Self>
void end_on_exception(Self* self) {
  self->set_exception_handler([self](std::exception_ptr& what) -> caf::error {
    return escaped_exception(self->name(), what);
  });
}

/// Sends `message` to an actor if it still lives. For callbacks of kernel
/// objects the actor owns: a strong handle there would keep it alive for ever.
template <class Handle, class Message>
void send_if_alive(const caf::weak_actor_ptr& to, Message message) {
  if (auto strong = caf::actor_cast<caf::strong_actor_ptr>(to))
    caf::anon_send(caf::actor_cast<Handle>(strong), std::move(message));
}

/// What to capture for send_if_alive.
template <class Self>
caf::weak_actor_ptr weak(Self* self) {
  return caf::actor_cast<caf::weak_actor_ptr>(self);
}

} // namespace outrigger

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::done)
