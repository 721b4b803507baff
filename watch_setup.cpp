#include "watch_setup.hpp"

#include <utility>

#include "actors/files/watch_desk.hpp"

namespace outrigger {

watch_setup::watch_setup(boost::asio::io_context& loop,
                         os::worker_pool& workers,
                         std::shared_ptr<const workspace> files,
                         watch_meters& counted)
    : workers_{workers}, files_{std::move(files)}, counted_{counted},
      folders_{std::make_shared<os::folder_watches>(loop, workers)} {}

watch_actors watch_setup::spawn(caf::actor_system& system) const {
  watch_actors out;
  out.watches =
      system.spawn(watches, std::make_shared<const watches_deps>(watches_deps{
                                workers_, files_, folders_, &counted_}));
  out.desk = system.spawn(watch_desk, out.watches);
  out.stats = system.spawn(
      machine_stats,
      std::make_shared<const stats_deps>(stats_deps{
          workers_, files_, std::make_shared<const os::machine_probe>()}));
  return out;
}

watch_figures watch_setup::figures() const {
  const auto now = folders_->now();
  return {now.trees, now.watches, now.degraded, now.overflows, now.memory};
}

void end_watching(watch_actors& actors) {
  const auto end = []<class Handle>(Handle& actor) {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    actor = Handle{};
  };
  end(actors.desk);
  end(actors.stats);
  end(actors.watches);
}

} // namespace outrigger
