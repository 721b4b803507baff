// The search desk over a fake holder and a folder of its own. Steps run when
// they are asked for, or when the test says so.
//
//   test ── start(target) ──► search desk ──► search ──► fake holder
//   test ── rg().print(…), exit(0) ──► ring ──► search ──► answer

#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "actors/files/search_desk.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_holder.hpp"

namespace outrigger {

/// A folder with the workspace "root" in it, and what is beside that; removed
/// at the end.
class search_tree {
public:
  search_tree();
  search_tree(const search_tree&) = delete;
  search_tree& operator=(const search_tree&) = delete;
  ~search_tree();

  [[nodiscard]] std::string path(std::string_view below = {}) const;
  [[nodiscard]] std::string root() const { return path("root"); }

  /// Makes a file below the workspace, and the folders it is in.
  void write(const std::string& below, std::string_view text) const;
  void link(const std::string& target, const std::string& below) const;
  /// Makes a program "rg" that is never run; its folder, as PATH has it.
  [[nodiscard]] std::string fake_rg() const;

private:
  std::string path_;
};

/// What ripgrep prints of a file with one line that matches.
[[nodiscard]] std::string printed(std::string_view path, std::string_view line,
                                  std::size_t number = 1,
                                  std::size_t offset = 0);
/// Its last line.
inline constexpr std::string_view printed_summary =
    R"({"data":{},"type":"summary"})"
    "\n";

class search_fixture : public actor_fixture {
public:
  using answer_ptr = std::shared_ptr<std::optional<result<rest_answer>>>;

  search_fixture();

  /// Starts the desk; without, start() does. `with_rg`: there is one.
  void use(bool with_rg);

  answer_ptr start(const std::string& target, std::string_view method = "GET",
                   std::string_view scopes = "all");
  /// The answer, which must come without time passing.
  result<rest_answer> call(const std::string& target,
                           std::string_view method = "GET",
                           std::string_view scopes = "all");
  std::string body_of(const std::string& target,
                      std::string_view scopes = "all");
  errc failure_of(const std::string& target, std::string_view scopes = "all");

  /// The session of the program started last.
  fake_session& rg();
  void exit_rg(int code);
  /// The holder says that nothing of a session runs any more.
  void session_over(std::uint64_t key);

  search_tree tree;
  std::shared_ptr<held_sessions> held;
  holder_actor holder;
  search_desk_actor desk;
  std::size_t steps = 0; // taken so far
  bool hold_steps = false;
  std::deque<std::function<void()>> waiting_steps;
  std::stop_source client; // of every call: it leaves
};

/// "path:line:text" of each line in an answer, and "capped" at the end if it
/// is; lines beside a match have "-" for ":".
[[nodiscard]] std::string lines_of(std::string_view body);

} // namespace outrigger
