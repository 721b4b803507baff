#include "tests/os/watch_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

namespace outrigger::os::test {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 30s;

} // namespace

std::string text_of(const folder_change& change) {
  static const std::string kinds[] = {"created ", "modified ", "removed ",
                                      "moved "};
  return kinds[static_cast<int>(change.kind)] + change.path +
         (change.is_folder ? "/" : "") +
         (change.other.empty() ? "" : " | " + change.other);
}

void news_record::take(const folder_news& news) {
  if (const auto* list = std::get_if<changes_ptr>(&news)) {
    changes.insert(changes.end(), (*list)->begin(), (*list)->end());
    if (hold)
      held.push_back(*list);
  } else if (const auto* now = std::get_if<watch_ready>(&news)) {
    ready.push_back(*now);
  } else if (const auto* part = std::get_if<watch_degraded>(&news)) {
    degraded.push_back(*part);
  } else if (std::holds_alternative<changes_lost>(news)) {
    ++lost;
  } else {
    ++gone;
  }
}

std::vector<std::string> news_record::told() const {
  std::vector<std::string> out;
  for (const auto& change : changes)
    out.push_back(text_of(change));
  return out;
}

std::size_t news_record::times(const std::string& what) const {
  return static_cast<std::size_t>(
      std::count_if(changes.begin(), changes.end(), [&](const auto& change) {
        return text_of(change) == what;
      }));
}

bool news_record::was_told(const std::string& what) const {
  return times(what) > 0;
}

bool name_filter::leaves_out(std::string_view /*folder*/,
                             std::string_view name) const {
  return names_.count(std::string{name}) > 0;
}

watch_fixture::watch_fixture(storage where) : tree{where} {
  use(quick());
}

watch_fixture::~watch_fixture() {
  watches.reset();
  workers->stop();
}

watch_settings watch_fixture::quick() {
  watch_settings settings;
  settings.poll_min = 20ms;
  settings.poll_max = 200ms;
  settings.retry = 20ms;
  settings.root_check = 20ms;
  settings.overflow_pause = 10ms;
  return settings;
}

void watch_fixture::use(const watch_settings& settings) {
  watches.reset();
  if (!workers)
    workers = std::make_unique<worker_pool>(loop);
  watches = std::make_unique<folder_watches>(loop, *workers, settings);
}

watch_fixture::watch
watch_fixture::begin(const std::string& folder,
                     std::shared_ptr<const watch_filter> filter,
                     const std::string& key) {
  watch made;
  made.interest.emplace(watches->watch(
      {tree.root(), folder}, std::move(filter), key,
      [seen = made.seen](const folder_news& news) { seen->take(news); }));
  return made;
}

watch_fixture::watch
watch_fixture::open(const std::string& folder,
                    std::shared_ptr<const watch_filter> filter,
                    const std::string& key) {
  auto made = begin(folder, std::move(filter), key);
  REQUIRE(until([&] { return !made.seen->ready.empty(); }));
  return made;
}

bool watch_fixture::until(const std::function<bool()>& is_so) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    loop.restart();
    loop.run_one_for(50ms);
  }
  return true;
}

void watch_fixture::settle(const watch& of, const std::string& folder) {
  const auto name = "mark-" + std::to_string(++marks_);
  write_file(tree.in(folder.empty() ? name : folder + "/" + name), "");
  REQUIRE(until([&] { return of.seen->was_told("created " + name); }));
}

void make_folders(const file_tree& tree, const std::string& path) {
  std::filesystem::create_directories(tree.in(path));
}

} // namespace outrigger::os::test
