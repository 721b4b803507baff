// Watched folders while several threads make, move and remove folders and
// files at random, within them, out of them and into them. Now and then all is
// still, and then what was told has to add up to what is there.
//
// Each case prints the seed it began with when it fails. A long run:
//   OUTRIGGER_SOAK_SECONDS=600 [OUTRIGGER_SEED=n] os_watch_tests "[soak]"
#include "tests/os/folder_mess.hpp"
#include "tests/os/watch_fixture.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <shared_mutex>
#include <thread>

namespace outrigger::os::test {

namespace fs = std::filesystem;

namespace {

using namespace std::chrono_literals;
struct stress_settings {
  watch_settings engine = watch_fixture::quick();
  int rounds = 3;
  std::size_t steps = 60; // of each thread and round
  std::size_t crowd = 70;
  bool budget = false; // too small for everything
  bool stall = false;  // the loop does not run while others do
};

bool is_in(const std::string& path, const std::string& folder) {
  return path == folder || folder.empty() || path.starts_with(folder + "/");
}

/// What was told of a path, of the folders it is in, and of where they were
/// before they were moved; a line each, with its number.
std::string history(const folder_changes& log, std::string path) {
  std::string out;
  for (auto i = log.size(); i-- > 0;) {
    const auto& each = log[i];
    if (!is_in(path, each.path))
      continue;
    out.insert(0, std::to_string(i) + ": " + text_of(each) + "\n");
    if (each.kind == change_kind::created && !each.other.empty() &&
        !each.path.empty())
      path = each.other + path.substr(each.path.size());
  }
  return out;
}

class stress_fixture : public watch_fixture {
public:
  stress_fixture() : watch_fixture{storage::memory} {
    fs::create_directory(tree("outside"));
  }

  void run(stress_settings with);
  /// For as long as the environment says, with one seed after the other.
  void soak(const stress_settings& with);

private:
  /// What a client knows that reads the folder when it is told to, and then
  /// goes by what it hears. While much goes on it hears of things older than
  /// what it has read, so in the end it reads once more.
  struct client {
    std::string folder;
    std::set<std::string> left_out;
    watch told;
    entries known = {};
    std::size_t ready = 0;
    bool listed = false; // while something was going on
    folder_changes log = {};
  };

  std::uint64_t first_seed();
  void begin_client(const std::string& folder, std::set<std::string> left_out);
  void hear(client& of, const folder_news& news);
  void round(std::uint64_t seed);
  void quarrel(std::uint64_t seed);
  void come_and_go(dice& of);
  void quiet();
  void check_still(std::uint64_t seed);
  void check_all_are_watched(std::uint64_t seed);
  entries truth(const client& of) const;
  bool agree() const;
  std::set<std::string> folders() const;
  std::string differences() const;
  void end();

  stress_settings with_;
  std::shared_mutex still_; // nobody changes anything who does not share it
  std::vector<std::unique_ptr<client>> clients_;
  std::vector<watch> passing_;
  int marks_ = 0;
  std::size_t judged_ = 0; // clients that had read nothing meanwhile
};

std::uint64_t stress_fixture::first_seed() {
  const char* given = std::getenv("OUTRIGGER_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10)
                          : std::random_device{}();
}

void stress_fixture::begin_client(const std::string& folder,
                                  std::set<std::string> left_out) {
  auto& made = *clients_.emplace_back(std::make_unique<client>());
  made.folder = folder;
  made.left_out = left_out;
  std::string key;
  for (const auto& name : left_out)
    key += name + "/";
  made.told.interest.emplace(watches->watch(
      {tree.root(), folder}, std::make_shared<name_filter>(std::move(left_out)),
      key, [this, &made](const folder_news& news) {
        made.told.seen->take(news);
        hear(made, news);
      }));
}

entries stress_fixture::truth(const client& of) const {
  entries out;
  list(tree.in(of.folder), "", of.left_out, out);
  return out;
}

void stress_fixture::hear(client& of, const folder_news& news) {
  if (const auto* changes = std::get_if<changes_ptr>(&news)) {
    for (const auto& each : **changes) {
      of.log.push_back(each);
      if (each.kind == change_kind::removed ||
          each.kind == change_kind::moved_away) {
        // The content of what was renamed is not told.
        if (!each.other.empty() && each.is_folder)
          copy(of.known, each.path, each.other);
        forget(of.known, each.path);
      } else if (each.kind == change_kind::created) {
        of.known[each.path] = each.is_folder;
      } else if (with_.budget) {
        of.known[each.path] = each.is_folder; // replaced, it may be
      }
    }
    of.told.seen->changes.clear();
    return;
  }
  const bool first = std::holds_alternative<watch_ready>(news) &&
                     std::exchange(of.ready, 1) == 0;
  if (first || std::holds_alternative<changes_lost>(news)) {
    const std::unique_lock nobody{still_};
    of.known = truth(of);
    of.log.push_back({change_kind::created, true, "", "listed"});
    of.listed = true;
  } else if (std::holds_alternative<watch_gone>(news)) {
    of.known.clear();
    of.log.push_back({change_kind::removed, true, "", "gone"});
  }
}

bool stress_fixture::agree() const {
  for (const auto& each : clients_) {
    const auto there = truth(*each);
    // Of what is not watched nobody hears that it came and went.
    const bool right =
        with_.budget ? std::includes(each->known.begin(), each->known.end(),
                                     there.begin(), there.end())
                     : each->known == there;
    if (each->ready == 0 || !right)
      return false;
  }
  return with_.budget || watches->now().watches == folders().size();
}

std::set<std::string> stress_fixture::folders() const {
  std::set<std::string> all;
  for (const auto& each : clients_) {
    all.insert(tree.in(each->folder));
    for (const auto& [path, is_folder] : truth(*each))
      if (is_folder)
        all.insert(tree.in(joined(each->folder, path)));
  }
  return all;
}

std::string stress_fixture::differences() const {
  std::string out = "watches " + std::to_string(watches->now().watches) +
                    " of " + std::to_string(folders().size()) + "\n" +
                    without_watch(folders());
  for (const auto& each : clients_) {
    const auto there = truth(*each);
    std::string odd;
    for (const auto& [path, is_folder] : there)
      if (each->known.count(path) == 0) {
        out += "'" + each->folder + "' does not know " + path + "\n";
        odd = path;
      }
    for (const auto& [path, is_folder] : each->known)
      if (there.count(path) == 0) {
        out += "'" + each->folder + "' still knows " + path + "\n";
        odd = path;
      }
    if (!odd.empty())
      out += history(each->log, odd);
  }
  return out;
}

void stress_fixture::come_and_go(dice& of) {
  if (!passing_.empty() && roll(of, 3) == 0)
    passing_.erase(passing_.begin());
  if (passing_.size() < 3 && roll(of, 3) == 0) {
    static const char* const places[] = {"", "a", "b", "a/b"};
    const auto filter = std::make_shared<name_filter>(
        std::set<std::string>{roll(of, 2) == 0 ? "c" : "b"});
    passing_.push_back(begin(places[roll(of, std::size(places))], filter,
                             roll(of, 2) == 0 ? "1" : "2"));
  }
}

/// Others change things while the loop runs.
void stress_fixture::quarrel(std::uint64_t seed) {
  std::atomic<int> busy{3};
  std::vector<std::thread> others;
  for (std::uint64_t i = 0; i < 3; ++i)
    others.emplace_back([&, i] {
      mess mine{tree, seed * 31 + i, with_.crowd};
      for (std::size_t n = 0; n < with_.steps; ++n) {
        const std::shared_lock one{still_};
        mine.step();
      }
      --busy;
    });
  dice own{seed};
  while (busy > 0) {
    if (with_.stall)
      continue;
    loop.restart();
    loop.run_one_for(1ms);
    if (roll(own, 50) == 0)
      come_and_go(own);
    if (roll(own, 20) == 0) // now and then much comes at once
      std::this_thread::sleep_for(1ms);
  }
  for (auto& each : others)
    each.join();
}

void stress_fixture::check_still(std::uint64_t seed) {
  passing_.clear();
  quiet();
  for (auto& each : clients_) {
    ++judged_;
    if (std::exchange(each->listed, false)) {
      each->known = truth(*each);
      --judged_;
    }
  }
  if (until([&] { return agree(); }))
    return;
  FAIL("seed " << seed << ": " << differences());
}

/// Until nothing is heard any more, and nothing is to be.
void stress_fixture::quiet() {
  const auto heard = [&] {
    std::size_t sum = 0;
    for (const auto& each : clients_)
      sum += each->log.size();
    return sum;
  };
  const auto end = std::chrono::steady_clock::now() + 30s;
  for (std::size_t before = 0, turns = 0;
       turns < 3 && std::chrono::steady_clock::now() < end; ++turns) {
    for (int i = 0; i < 20; ++i) {
      loop.restart();
      loop.run_one_for(1ms);
    }
    const auto now = heard();
    if (std::exchange(before, now) != now || !watches->is_at_rest())
      turns = 0;
  }
}

/// A file made in every folder is told of.
void stress_fixture::check_all_are_watched(std::uint64_t seed) {
  const auto name = "mark-" + std::to_string(++marks_);
  entries all;
  list(tree.in(""), "", {}, all);
  write_file(tree.in(name), "");
  for (const auto& [path, is_folder] : all)
    if (is_folder)
      write_file(tree.in(path + "/" + name), "");
  check_still(seed);
  ::unlink(tree.in(name).c_str());
  for (const auto& [path, is_folder] : all)
    if (is_folder)
      ::unlink(tree.in(path + "/" + name).c_str());
  check_still(seed);
}

void stress_fixture::round(std::uint64_t seed) {
  std::error_code ignored;
  if (truth(*clients_[0]).size() > 2000) // it is to go on quickly
    for (const auto* name : {"b", "c", "skip"})
      fs::remove_all(tree.in(name), ignored);
  quarrel(seed);
  fs::create_directories(tree.in("a/b"), ignored); // somebody watches it
  check_still(seed);
  check_all_are_watched(seed);
  for (auto& each : clients_)
    each->log.clear();
}

void stress_fixture::end() {
  clients_.clear();
  REQUIRE(until([&] { return watches->now().watches == 0; }));
}

void stress_fixture::run(stress_settings with) {
  with_ = with;
  use(with.engine);
  const auto seed = first_seed();
  CAPTURE(seed);
  fs::create_directories(tree.in("a/b"));
  begin_client("", {});
  begin_client("", {"skip"});
  begin_client("a", {"b"});
  begin_client("a/b", {});
  REQUIRE(until([&] {
    return std::all_of(clients_.begin(), clients_.end(),
                       [](const auto& each) { return each->ready > 0; });
  }));
  for (auto& each : clients_)
    each->listed = false;
  for (int i = 0; i < with.rounds; ++i)
    round(seed + static_cast<std::uint64_t>(i));
  end();
}

void stress_fixture::soak(const stress_settings& with) {
  const char* seconds = std::getenv("OUTRIGGER_SOAK_SECONDS");
  const auto stop =
      std::chrono::steady_clock::now() +
      std::chrono::seconds{seconds != nullptr ? std::atoi(seconds) : 60};
  std::size_t runs = 0;
  while (std::chrono::steady_clock::now() < stop) {
    run(with);
    ++runs;
  }
  std::cout << runs << " runs of " << with.rounds << " rounds, judged "
            << judged_ << "\n";
}

stress_settings in_small_steps() {
  stress_settings out;
  out.engine.step = 0ms;
  return out;
}

stress_settings with_little_room() {
  auto out = in_small_steps();
  out.engine.max_parked = 400;
  out.engine.max_handed_out = 2;
  return out;
}

stress_settings with_few_watches() {
  auto out = in_small_steps();
  out.engine.step = 1ms;
  out.engine.max_watches = 12;
  out.engine.poll_min = 5ms;
  out.crowd = 20;
  out.budget = true;
  return out;
}

stress_settings with_overflows() {
  stress_settings out;
  out.steps = 500;
  out.rounds = 3;
  out.stall = true;
  return out;
}

} // namespace

TEST_CASE_METHOD(stress_fixture, "whatever happens to the folders, what is "
                                 "told adds up") {
  run({});
}

TEST_CASE_METHOD(stress_fixture, "it adds up when scans go in small steps") {
  run(in_small_steps());
}

TEST_CASE_METHOD(stress_fixture, "it adds up when little may wait") {
  run(with_little_room());
}

TEST_CASE_METHOD(stress_fixture, "it adds up when watches are few") {
  run(with_few_watches());
}

TEST_CASE_METHOD(stress_fixture, "it adds up when the queue runs over") {
  run(with_overflows());
}

TEST_CASE_METHOD(stress_fixture, "soak: any", "[.][soak]") {
  soak({});
}
TEST_CASE_METHOD(stress_fixture, "soak: small steps", "[.][soak]") {
  soak(in_small_steps());
}
TEST_CASE_METHOD(stress_fixture, "soak: little room", "[.][soak]") {
  soak(with_little_room());
}
TEST_CASE_METHOD(stress_fixture, "soak: few watches", "[.][soak]") {
  soak(with_few_watches());
}
TEST_CASE_METHOD(stress_fixture, "soak: overflows", "[.][soak]") {
  soak(with_overflows());
}

} // namespace outrigger::os::test
