// SEARCH WORK: what of one search blocks or computes, in pieces for a pool's
// thread. Used by one thread at a time; the search actor sees to it.
//
//   begin ─► [ripgrep's output ─► take …]  or  [step …]  ─► answer
//
// Whatever ripgrep says is only a hint where to look: what is answered was read
// through the door (actors/os/files/root_dir), so that nobody who swaps a
// folder for a link while ripgrep runs gets anything from outside, nor what is
// kept closed.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "actors/files/workspace.hpp"
#include "protocol/endpoint.hpp"
#include "protocol/files/search_request.hpp"

namespace outrigger {

class search_work {
public:
  using clock = std::chrono::steady_clock;

  virtual ~search_work() = default;

  /// Looks what is to be searched. Call first.
  [[nodiscard]] virtual result<void> begin() = 0;

  /// How a program can do it, and where: the arguments and the folder; empty
  /// when it is for us alone. `path` is as in the variable PATH.
  struct program_call {
    std::vector<std::string> argv;
    std::string folder;
  };
  [[nodiscard]] virtual std::optional<program_call>
  program(std::string_view path) = 0;

  /// Takes what the program printed. Malformed: it is not what it should be.
  [[nodiscard]] virtual result<void> take(std::string_view printed) = 0;
  /// Whether it said that it is done.
  [[nodiscard]] virtual bool is_complete() const = 0;

  /// Forgets what the program said: we do without it now.
  [[nodiscard]] virtual result<void> begin_own() = 0;
  /// Searches until about `until`. True: done.
  [[nodiscard]] virtual bool step(clock::time_point until,
                                  std::stop_token stop) = 0;

  /// Whether more would not be answered anyway.
  [[nodiscard]] virtual bool is_enough() const = 0;
  [[nodiscard]] virtual rest_answer answer() const = 0;
};

/// For GET /files/search, GET /files/search/files, and GET or POST
/// /files/search/init, which are about ripgrep itself; `to_install`: a POST.
[[nodiscard]] std::unique_ptr<search_work> search_lines(search_request request,
                                                        file_place place);
[[nodiscard]] std::unique_ptr<search_work> search_names(name_request request,
                                                        file_place place);
[[nodiscard]] std::unique_ptr<search_work> search_init(bool to_install);

} // namespace outrigger
