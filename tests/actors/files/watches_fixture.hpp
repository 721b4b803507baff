// The workspace's watched folders, over the real kernel, in a folder of the
// test's own.

#pragma once

#include <functional>
#include <string>

#include "actors/files/watches.hpp"
#include "actors/machine_stats.hpp"
#include "tests/actors/files/watch_fixture.hpp"
#include "tests/support/temporary_folder.hpp"

namespace outrigger {

/// Everything a test needs to have folders watched. Holds no actor.
struct watched_workspace {
  explicit watched_workspace(boost::asio::io_context& loop,
                             os::watch_settings settings = {});
  ~watched_workspace() { workers.stop(); }

  [[nodiscard]] std::shared_ptr<const watches_deps> deps();
  [[nodiscard]] watch_wish wish(std::string path,
                                std::string_view scopes = "all") const;

  test::temporary_folder folder;
  os::worker_pool workers;
  std::shared_ptr<const workspace> files;
  std::shared_ptr<os::folder_watches> folders;
  watch_meters counted;
};

/// Runs actors and the loop until it is so; false when that takes too long.
[[nodiscard]] bool run_until(actor_fixture& fixture,
                             const std::function<bool()>& is_so);

class watches_fixture : public watch_listening {
public:
  watches_fixture();
  ~watches_fixture();

  /// A request and its answer, however long the pool takes.
  template <class T, class Message>
  result<T> await(Message message) {
    auto answer = begin<T>(hub, std::move(message));
    REQUIRE(until([&] { return answer->has_value(); }));
    return std::move(**answer);
  }
  bool until(const std::function<bool()>& is_so) {
    return run_until(*this, is_so);
  }
  result<watcher_info> create(const std::string& path,
                              std::string_view scopes = "all");
  std::vector<std::uint64_t> listed(std::string_view scopes);

  watched_workspace place{loop};
  watches_actor hub;
};

} // namespace outrigger
