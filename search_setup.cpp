#include "search_setup.hpp"

#include <cstdlib>
#include <utility>

namespace outrigger {

search_desk_actor spawn_search_desk(caf::actor_system& system,
                                    holder_actor holder,
                                    const file_setup& files) {
  search_desk_deps deps;
  deps.files = files.files();
  deps.search.holder = std::move(holder);
  if (const char* path = std::getenv("PATH"))
    deps.search.path = path;
  // Steps are short, so they may be among the quick ones.
  deps.search.step = [pool = files.pool()](std::function<void()> work,
                                           std::function<void()> done) {
    static_cast<void>(
        pool->step(pace::quick, std::move(work), std::move(done)));
  };
  return system.spawn(search_desk, std::move(deps));
}

} // namespace outrigger
