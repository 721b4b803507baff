#include "tests/actors/search_fixture.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <boost/asio/post.hpp>
#include <stdlib.h>

namespace outrigger {

namespace fs = std::filesystem;

search_tree::search_tree() {
  std::string name = "/tmp/outrigger-search-XXXXXX";
  if (!::mkdtemp(name.data()))
    throw std::runtime_error{"search tree: mkdtemp"};
  path_ = name;
  fs::create_directory(root());
}

search_tree::~search_tree() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string search_tree::path(std::string_view below) const {
  return below.empty() ? path_ : path_ + "/" + std::string{below};
}

void search_tree::write(const std::string& below, std::string_view text) const {
  const auto file = root() + "/" + below;
  fs::create_directories(fs::path{file}.parent_path());
  std::ofstream{file, std::ios::binary} << text;
}

void search_tree::link(const std::string& target,
                       const std::string& below) const {
  fs::create_symlink(target, root() + "/" + below);
}

std::string search_tree::fake_rg() const {
  const auto folder = path("bin");
  fs::create_directories(folder);
  std::ofstream{folder + "/rg"} << "#!/bin/false\n";
  fs::permissions(folder + "/rg", fs::perms::owner_all);
  return folder;
}

std::string printed(std::string_view path, std::string_view line,
                    std::size_t number, std::size_t offset) {
  const auto where = R"({"path":{"text":"./)" + std::string{path} + R"("})";
  return R"({"type":"begin","data":)" + where + "}}\n" +
         R"({"type":"match","data":)" + where + R"(,"lines":{"text":")" +
         std::string{line} + R"(\n"},"line_number":)" + std::to_string(number) +
         R"(,"absolute_offset":)" + std::to_string(offset) +
         R"(,"submatches":[{"start":0}]}})" + "\n" +
         R"({"type":"end","data":)" + where + R"(,"binary_offset":null}})" +
         "\n";
}

search_fixture::search_fixture()
    : held{std::make_shared<held_sessions>(loop)}, holder{keep(system.spawn(
                                                       fake_holder, held))} {
  held->last_key = 100;
}

void search_fixture::use(bool with_rg) {
  workspace::setup wanted;
  wanted.root = tree.root();
  wanted.home = "/";
  wanted.closed = {tree.root() + "/secret"};
  auto files = workspace::open(wanted);
  REQUIRE(files);
  search_desk_deps deps;
  deps.files = std::make_shared<const workspace>(std::move(*files));
  deps.search.holder = holder;
  deps.search.path = "relative:/nonexistent";
  if (with_rg)
    deps.search.path += ":" + tree.fake_rg();
  deps.search.slice = std::chrono::milliseconds{0};
  deps.search.step = [this](std::function<void()> work,
                            std::function<void()> done) {
    ++steps;
    auto step = [this, work = std::move(work), done = std::move(done)] {
      work();
      boost::asio::post(loop, done);
    };
    if (hold_steps)
      waiting_steps.push_back(std::move(step));
    else
      step();
  };
  desk = keep(system.spawn(search_desk, deps));
  run();
}

search_fixture::answer_ptr search_fixture::start(const std::string& target,
                                                 std::string_view method,
                                                 std::string_view scopes) {
  auto parsed = parse_http_target(target);
  REQUIRE(parsed);
  auto where = match_route(method, parsed->path, nullptr);
  REQUIRE(where);
  principal who;
  who.authenticated = true;
  who.scopes = *parse_scopes(scopes);
  auto answer = std::make_shared<std::optional<result<rest_answer>>>();
  rest_call asked;
  asked.matched = where->matched;
  asked.target = *parsed;
  asked.who = who;
  asked.gone = client.get_token();
  send(desk, desk_call{std::move(asked), [answer](result<rest_answer> given) {
                         REQUIRE_FALSE(answer->has_value());
                         answer->emplace(std::move(given));
                       }});
  run();
  return answer;
}

result<rest_answer> search_fixture::call(const std::string& target,
                                         std::string_view method,
                                         std::string_view scopes) {
  auto answer = start(target, method, scopes);
  REQUIRE(answer->has_value());
  return **answer;
}

std::string search_fixture::body_of(const std::string& target,
                                    std::string_view scopes) {
  auto answer = call(target, "GET", scopes);
  REQUIRE(answer);
  CHECK(answer->status == 200);
  return answer->body;
}

errc search_fixture::failure_of(const std::string& target,
                                std::string_view scopes) {
  auto answer = call(target, "GET", scopes);
  REQUIRE(answer.has_error());
  return answer.error().code;
}

fake_session& search_fixture::rg() {
  REQUIRE_FALSE(held->sessions.empty());
  return held->sessions.rbegin()->second;
}

void search_fixture::exit_rg(int code) {
  rg().exit(code);
  run();
}

void search_fixture::session_over(std::uint64_t key) {
  held->busy.erase(key);
  send(held->listener, session_ended{key});
  run();
}

std::string lines_of(std::string_view body) {
  // Good enough for names and texts without quotes and brackets.
  std::string out;
  std::string path;
  const auto value = [&body](std::string_view from) {
    body.remove_prefix(body.find(from) + from.size());
    const auto end = body.find_first_of("\",}");
    std::string text{body.substr(0, end)};
    body.remove_prefix(end);
    return text;
  };
  const bool capped = body.find(R"("capped":true)") != body.npos;
  body = body.substr(body.find(R"("results":{)") + 11);
  body = body.substr(0, body.find(R"("total_matches")"));
  for (;;) {
    const auto file = body.find("\":[");
    const auto line = body.find("{\"line\":");
    if (line == body.npos)
      break;
    if (file < line) {
      const auto begin = body.rfind('"', file - 1) + 1;
      path = body.substr(begin, file - begin);
    }
    const auto number = value("{\"line\":");
    const bool match = body.starts_with(",\"column\"");
    const auto text = value("\"text\":\"");
    const auto* mark = match ? ":" : "-";
    out += path + mark + number + mark + text + "\n";
  }
  return out + (capped ? "capped\n" : "");
}

} // namespace outrigger
