// The search desk, put together from the parts of the daemon.

#pragma once

#include "actors/files/search_desk.hpp"
#include "file_setup.hpp"

namespace outrigger {

/// `files` outlives the actor.
[[nodiscard]] search_desk_actor spawn_search_desk(caf::actor_system& system,
                                                  holder_actor holder,
                                                  const file_setup& files);

} // namespace outrigger
