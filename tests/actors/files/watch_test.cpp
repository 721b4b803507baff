// One watch: what its listeners are told, at their own pace.
#include "actors/files/watch.hpp"

#include <catch2/catch.hpp>

#include "tests/actors/files/watch_fixture.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;
using texts = std::vector<std::string>;

class watching : public watch_listening {
public:
  watching() { begin({}); }

  void begin(watch_options options) {
    options.id = 3;
    options.root = "/srv";
    options.counted = &counted;
    options.begin = [this](auto told) -> std::shared_ptr<void> {
      kernel = std::move(told);
      return interest = std::make_shared<int>(1);
    };
    if (watch)
      end(watch);
    watch = keep(system.spawn(
        outrigger::watch,
        std::make_shared<const watch_options>(std::move(options))));
    run();
  }

  void tell(os::folder_news news) {
    kernel(news);
    run();
  }
  void change(os::change_kind kind, const std::string& path) {
    tell(std::make_shared<const os::folder_changes>(
        os::folder_changes{{kind, false, path}}));
  }
  void create(const std::string& path) {
    change(os::change_kind::created, path);
  }

  watch_meters counted;
  std::function<void(const os::folder_news&)> kernel;
  std::shared_ptr<int> interest;
  watch_actor watch;
};

} // namespace

TEST_CASE_METHOD(watching, "a listener that pulls is told at once") {
  auto a = listen();
  join(watch, a);
  pull(watch, a);
  CHECK(a.seen->slices.empty());
  tell(os::watch_ready{4});
  CHECK(a.seen->told() == texts{"ready"});
  CHECK(a.seen->events()[0].folders == 4);
  create("x/y");
  CHECK(a.seen->slices.size() == 1); // one slice for each pull
  pull(watch, a);
  CHECK(a.seen->told() == texts{"ready", "create /srv/x/y"});
  CHECK(a.seen->events()[1].sequence == 2);
}

TEST_CASE_METHOD(watching, "what follows within the window waits for its end") {
  auto a = listen();
  join(watch, a);
  pull(watch, a);
  create("f");
  pull(watch, a);
  for (int i = 0; i < 5; ++i)
    change(os::change_kind::modified, "f");
  CHECK(a.seen->told() == texts{"create /srv/f"});
  advance(49ms);
  CHECK(a.seen->told().size() == 1);
  advance(1ms);
  CHECK(a.seen->told() == texts{"create /srv/f", "write /srv/f"});
  advance(50ms);
  CHECK_FALSE(has_timeouts());
}

TEST_CASE_METHOD(watching, "one who joins later is told the state, not what "
                           "happened") {
  tell(os::watch_ready{2, {{"big", 0, "full"}}});
  create("f");
  auto a = listen();
  join(watch, a);
  pull(watch, a);
  CHECK(a.seen->told() == texts{"degraded", "ready"});
  CHECK(a.seen->events()[0].path == "/srv/big");
  tell(os::watch_gone{});
  auto b = listen();
  join(watch, b);
  pull(watch, b);
  CHECK(b.seen->told() == texts{"gone"});
}

TEST_CASE_METHOD(watching, "listeners have their own pace") {
  auto quick = listen();
  auto slow = listen();
  join(watch, quick);
  join(watch, slow);
  for (int i = 0; i < 20; ++i) {
    pull(watch, quick);
    create(std::to_string(i));
  }
  CHECK(quick.seen->told().size() == 20);
  CHECK(slow.seen->told().empty());
  pull(watch, slow, 1);
  CHECK(slow.seen->told().size() == 1);
  pull(watch, slow);
  CHECK(slow.seen->told() == quick.seen->told());
}

TEST_CASE_METHOD(watching, "one that stays behind is told that it missed "
                           "something, and goes on from there") {
  watch_options options;
  options.log_limit = 10'000;
  begin(std::move(options));
  auto a = listen();
  join(watch, a);
  for (int i = 0; i < 1000; ++i)
    create(std::to_string(i));
  pull(watch, a);
  CHECK(a.seen->told() == texts{"lost"});
  CHECK(counted.lost == 1);
  CHECK(counted.events == 1000);
  pull(watch, a);
  create("next");
  CHECK(a.seen->told() == texts{"lost", "create /srv/next"});
}

TEST_CASE_METHOD(watching, "one that stays behind is told of the state if it "
                           "missed that") {
  watch_options options;
  options.log_limit = 10'000;
  begin(std::move(options));
  auto a = listen();
  join(watch, a);
  pull(watch, a);
  tell(os::watch_ready{4});
  tell(os::watch_gone{});
  tell(os::watch_ready{3, {{"big", 0, "full"}}});
  for (int i = 0; i < 1000; ++i)
    create(std::to_string(i));
  pull(watch, a);
  CHECK(a.seen->told() == texts{"ready", "degraded", "ready", "lost"});
}

TEST_CASE_METHOD(watching, "what waited is not told of a folder that is gone") {
  auto a = listen();
  join(watch, a);
  pull(watch, a);
  create("f");
  change(os::change_kind::modified, "f");
  pull(watch, a);
  tell(os::watch_gone{});
  pull(watch, a);
  advance(1s);
  CHECK(a.seen->told() == texts{"create /srv/f", "gone"});
}

TEST_CASE_METHOD(watching, "when the kernel lost something, all are told") {
  auto a = listen();
  join(watch, a);
  pull(watch, a);
  create("f");
  change(os::change_kind::modified, "f");
  pull(watch, a);
  tell(os::changes_lost{});
  CHECK(a.seen->told() == texts{"create /srv/f", "lost"});
  pull(watch, a);
  advance(1s);
  CHECK(a.seen->told().size() == 2); // what waited is part of it
}

TEST_CASE_METHOD(watching, "a listener may have several numbers") {
  auto a = listen();
  join(watch, a, 1);
  join(watch, a, 2);
  pull(watch, a, 1000, 1);
  pull(watch, a, 1000, 2);
  create("f");
  REQUIRE(a.seen->slices.size() == 2);
  CHECK(a.seen->slices[0].tag == 1);
  CHECK(a.seen->slices[1].tag == 2);
  send(watch, leave_watch{watch_listener{a.actor}, 1});
  pull(watch, a, 1000, 2);
  pull(watch, a, 1000, 1);
  create("g");
  CHECK(a.seen->slices.size() == 3);
}

TEST_CASE_METHOD(watching, "the workspace's goes on without listeners") {
  auto a = listen();
  join(watch, a);
  end(a.actor);
  create("f");
  CHECK(interest.use_count() == 2);
  end(watch);
  CHECK(interest.use_count() == 1); // the kernel is let go
}

TEST_CASE_METHOD(watching, "somebody's own ends with its listener") {
  watch_options options;
  options.own = true;
  begin(std::move(options));
  create("f"); // nobody listens yet: it waits for its first one
  CHECK(interest.use_count() == 2);
  auto a = listen();
  join(watch, a);
  SECTION("that ended") {
    end(a.actor);
  }
  SECTION("that left") {
    send(watch, leave_watch{watch_listener{a.actor}, 0});
    run();
  }
  CHECK(interest.use_count() == 1);
}

TEST_CASE_METHOD(watching, "a text is made once for all its readers") {
  auto a = listen();
  join(watch, a);
  pull(watch, a);
  create("f");
  const auto& slice = a.seen->slices.at(0);
  const auto plain = text_of(*slice.events[0], *slice.of, false);
  CHECK(plain == text_of(*slice.events[0], *slice.of, false));
  CHECK(*plain == R"({"channel":"watcher","type":"change","watcher_id":"3",)"
                  R"("path":"/srv/f","op":"create"})");
  CHECK(*text_of(*slice.events[0], *slice.of, true) != *plain);
}

} // namespace outrigger
