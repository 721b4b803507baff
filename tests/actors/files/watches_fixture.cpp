#include "tests/actors/files/watches_fixture.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 30s;

/// For some thousand events, so that a test can have too many.
constexpr std::size_t log_limit = 1536 * 1024;

std::shared_ptr<const workspace> open_workspace(const std::string& root) {
  workspace::setup wanted;
  wanted.root = root;
  wanted.home = root;
  auto opened = workspace::open(wanted);
  REQUIRE(opened);
  return std::make_shared<const workspace>(std::move(*opened));
}

} // namespace

watched_workspace::watched_workspace(boost::asio::io_context& loop,
                                     os::watch_settings settings)
    : workers{loop}, files{open_workspace(folder())},
      folders{std::make_shared<os::folder_watches>(loop, workers, settings)} {}

std::shared_ptr<const watches_deps> watched_workspace::deps() {
  return std::make_shared<const watches_deps>(
      watches_deps{workers, files, folders, &counted, log_limit});
}

watch_wish watched_workspace::wish(std::string path,
                                   std::string_view scopes) const {
  watch_wish out;
  out.path = std::move(path);
  out.scopes = *parse_scopes(scopes);
  return out;
}

bool run_until(actor_fixture& fixture, const std::function<bool()>& is_so) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    fixture.run();
    if (is_so())
      return true;
    if (std::chrono::steady_clock::now() > end)
      return false;
    fixture.loop.restart();
    fixture.loop.run_one_for(20ms);
  }
}

watches_fixture::watches_fixture()
    : hub{keep(system.spawn(watches, place.deps()))} {}

watches_fixture::~watches_fixture() {
  end(hub);
}

result<watcher_info> watches_fixture::create(const std::string& path,
                                             std::string_view scopes) {
  return await<watcher_info>(create_watcher{place.wish(path, scopes)});
}

std::vector<std::uint64_t> watches_fixture::listed(std::string_view scopes) {
  const auto list =
      ask<watcher_list>(hub, list_watchers{*parse_scopes(scopes)});
  REQUIRE(list);
  std::vector<std::uint64_t> out;
  for (const auto& each : list->watchers)
    out.push_back(each.id);
  return out;
}

} // namespace outrigger
