// The directory of watched folders: who may make and see which, and how
// sockets get to know of them. Over the real kernel.
#include "actors/files/watches.hpp"

#include <catch2/catch.hpp>

#include "actors/files/watch_desk.hpp"
#include "tests/actors/files/watches_fixture.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;
using ids = std::vector<std::uint64_t>;

template <class T>
errc code_of(const result<T>& answer) {
  return answer ? errc{} : answer.error().code;
}

} // namespace

TEST_CASE_METHOD(watches_fixture, "a watcher is made when its folder was gone "
                                  "through") {
  place.folder.folder("a/b");
  place.folder.folder("node_modules/x");
  const auto made = create(place.folder());
  REQUIRE(made);
  CHECK(made->id == 1);
  CHECK(made->root == place.folder());
  CHECK(made->dirs == 3);
  CHECK(made->state == watch_state::active);
  CHECK(made->excludes == default_excludes());
  CHECK(listed("all") == ids{1});
  const auto shown =
      ask<watcher_info>(hub, find_watcher{1, scope_set::everything()});
  REQUIRE(shown);
  CHECK(shown->dirs == 3);
}

TEST_CASE_METHOD(watches_fixture, "paths are as everywhere in the dialect") {
  place.folder.folder("a");
  place.folder.file("f");
  CHECK(create("a")->root == place.folder() + "/a");
  CHECK(create("/")->root == place.folder());
  CHECK(code_of(create("none")) == errc::not_found);
  CHECK(code_of(create("f")) == errc::malformed);
  CHECK(code_of(create("/etc")) == errc::forbidden);
  CHECK(code_of(create(std::string{"a\0b", 3})) == errc::malformed);
}

TEST_CASE_METHOD(watches_fixture, "a link is watched under its own name, not "
                                  "one that leads out") {
  place.folder.folder("a");
  std::filesystem::create_symlink("a", place.folder() + "/l");
  std::filesystem::create_symlink("/etc", place.folder() + "/out");
  CHECK(create("l")->root == place.folder() + "/l");
  CHECK(code_of(create("out")) == errc::forbidden);
}

TEST_CASE_METHOD(watches_fixture, "there are five at most") {
  for (int i = 0; i < 5; ++i)
    REQUIRE(create(""));
  CHECK(code_of(create("")) == errc::conflict);
  REQUIRE(ask<done>(hub, delete_watcher{3, scope_set::everything()}));
  CHECK(listed("all") == ids{1, 2, 4, 5});
  CHECK(create("")->id == 6); // never one that was used
}

TEST_CASE_METHOD(watches_fixture, "one sees the watchers of the folders one "
                                  "may see") {
  place.folder.folder("docs/sub");
  place.folder.folder("src");
  REQUIRE(create("docs/sub"));
  REQUIRE(create("src"));
  REQUIRE(create(""));
  CHECK(listed("all") == ids{1, 2, 3});
  CHECK(listed("read") == ids{1, 2, 3});
  CHECK(listed("files:/docs") == ids{1});
  CHECK(listed("files:/src:read") == ids{2});
  CHECK(listed("terminal") == ids{});
  const auto narrow = *parse_scopes("files:/docs files:/src:read");
  CHECK(ask<watcher_info>(hub, find_watcher{1, narrow}));
  CHECK(code_of(ask<watcher_info>(hub, find_watcher{3, narrow})) ==
        errc::not_found);
  CHECK(code_of(ask<done>(hub, delete_watcher{3, narrow})) == errc::not_found);
  CHECK(code_of(ask<done>(hub, delete_watcher{2, narrow})) == errc::forbidden);
  CHECK(ask<done>(hub, delete_watcher{1, narrow}));
}

TEST_CASE_METHOD(watches_fixture, "one makes watchers where one may write") {
  place.folder.folder("docs");
  CHECK(create("docs", "files:/docs"));
  CHECK(code_of(create("docs", "files:/docs:read")) == errc::forbidden);
  CHECK(code_of(create("docs", "read")) == errc::forbidden);
  CHECK(code_of(create("", "files:/docs")) == errc::forbidden);
}

TEST_CASE_METHOD(watches_fixture, "followers are told of watchers they may "
                                  "see, of those there are and those to come") {
  place.folder.folder("docs");
  REQUIRE(create("docs"));
  auto all = listen();
  auto some = listen();
  send(hub, follow_watchers{all.actor, *parse_scopes("read")});
  send(hub, follow_watchers{some.actor, *parse_scopes("files:/docs")});
  run();
  CHECK(all.seen->added.size() == 1);
  CHECK(some.seen->added.size() == 1);
  REQUIRE(create(""));
  CHECK(all.seen->added.size() == 2);
  CHECK(some.seen->added.size() == 1);
  const auto watch = all.seen->added[1].watch;
  join(watch, all);
  pull(watch, all);
  CHECK(all.seen->told() == std::vector<std::string>{"ready"});
  pull(watch, all);
  place.folder.file("f");
  CHECK(until(
      [&] { return all.seen->was_told("create " + place.folder() + "/f"); }));
  REQUIRE(ask<done>(hub, delete_watcher{2, scope_set::everything()}));
  run();
  CHECK(all.seen->removed == ids{2});
}

TEST_CASE_METHOD(watches_fixture, "a watch of one's own is listed nowhere and "
                                  "ends with its owner") {
  auto who = listen();
  const auto ask_for = [&](std::string_view scopes) {
    watch_folder request;
    request.wish = place.wish("", scopes);
    request.listener = watch_listener{who.actor};
    request.tag = 7;
    return await<own_watch>(request);
  };
  CHECK(code_of(ask_for("files:/docs")) == errc::forbidden);
  const auto mine = ask_for("read");
  REQUIRE(mine);
  CHECK(listed("all").empty());
  pull(mine->watch, who, 1000, 7);
  CHECK(until([&] { return who.seen->was_told("ready"); }));
  CHECK(who.seen->slices[0].tag == 7);
  CHECK(place.folders->now().watches == 1);
  CHECK(code_of(ask<done>(hub,
                          delete_watcher{mine->id, scope_set::everything()})) ==
        errc::not_found);
  end(who.actor);
  CHECK(place.folders->now().trees == 0);
  CHECK(until([&] { return place.folders->now().watches == 0; }));
}

TEST_CASE_METHOD(watches_fixture, "the owner is told when its watch failed") {
  auto who = listen();
  watch_folder request;
  request.wish = place.wish("");
  request.listener = watch_listener{who.actor};
  request.tag = 7;
  const auto mine = await<own_watch>(request);
  REQUIRE(mine);
  end(mine->watch, true);
  CHECK(who.seen->ended == ids{7});
}

TEST_CASE_METHOD(watches_fixture, "the state of a folder that went is known") {
  place.folder.folder("a");
  REQUIRE(create("a"));
  const auto state = [&] {
    return ask<watcher_info>(hub, find_watcher{1, scope_set::everything()})
        ->state;
  };
  std::filesystem::remove_all(place.folder() + "/a");
  CHECK(until([&] { return state() == watch_state::gone; }));
  place.folder.folder("a");
  CHECK(until([&] { return state() == watch_state::active; }));
}

TEST_CASE_METHOD(watches_fixture, "when it ends so do its watches") {
  REQUIRE(create(""));
  end(hub);
  CHECK(place.folders->now().trees == 0);
}

// -- the calls ----------------------------------------------------------------

namespace {

class watch_desk_fixture : public watches_fixture {
public:
  watch_desk_fixture() : desk{keep(system.spawn(watch_desk, hub))} {}

  result<rest_answer> call(std::string_view method, std::string_view path,
                           std::string body = {}) {
    auto where = match_route(method, path, nullptr);
    REQUIRE(where);
    rest_call asked{where->matched, where->id, {}, std::move(body), {}};
    asked.who.scopes = scope_set::everything();
    std::optional<result<rest_answer>> answer;
    send(desk, desk_call{asked, [&](result<rest_answer> got) {
                           answer.emplace(std::move(got));
                         }});
    REQUIRE(until([&] { return answer.has_value(); }));
    return *answer;
  }

  call_actor desk;
};

} // namespace

TEST_CASE_METHOD(watch_desk_fixture, "the calls about watchers") {
  const auto made = call("POST", "/watchers", R"({"path":"/"})");
  REQUIRE(made);
  CHECK(made->status == 201);
  CHECK(made->body.find(R"("watcher":{"id":"1")") != std::string::npos);
  CHECK(call("GET", "/watchers")->body.find(R"("watchers":[{"id":"1")") !=
        std::string::npos);
  CHECK(call("GET", "/watchers/1")->status == 200);
  CHECK(call("DELETE", "/watchers/1")->body ==
        R"({"success":true,"watcher_id":"1"})");
  for (const auto* id : {"1", "2", "0", "x"}) {
    CHECK(code_of(call("GET", "/watchers/" + std::string{id})) ==
          errc::not_found);
    CHECK(code_of(call("DELETE", "/watchers/" + std::string{id})) ==
          errc::not_found);
  }
  CHECK(code_of(call("POST", "/watchers", "{}")) == errc::malformed);
  CHECK(code_of(call("POST", "/watchers", R"({"path":"none"})")) ==
        errc::not_found);
}

} // namespace outrigger
