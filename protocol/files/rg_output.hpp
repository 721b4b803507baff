// What ripgrep prints with --json: one object a line, which tells of a file
// that it begins, of each line that matches or is shown for context, and that
// the file ends.
//
//   bytes of any size ─► rg_reader ─► rg_event, one for each object
//
// Memory is bounded whatever is printed: of a line of a file only the first
// bytes are kept.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace outrigger {

enum class rg_kind : std::uint8_t {
  other, // of a newer version
  begin,
  match,
  context,
  end,
  summary, // the last: everything was searched
};

struct rg_event {
  rg_kind kind = rg_kind::other;
  std::string path; // bytes, as ripgrep was told to begin: "./src/a.c"
  /// The first bytes of the line, with its line feed if that is among them.
  std::string text;
  bool cut = false;         // there is more of it
  std::uint64_t line = 0;   // from 1 on
  std::uint64_t offset = 0; // of the line in the file, bytes
  /// Where in the line the first match begins, bytes; of match only.
  std::optional<std::uint64_t> start;
  bool binary = false; // of end: there was a NUL byte in the file
};

class rg_reader {
public:
  using listener = std::function<void(rg_event&&)>;

  /// Keeps at most so many bytes of a line.
  explicit rg_reader(std::size_t max_text);
  rg_reader(rg_reader&&) noexcept;
  rg_reader& operator=(rg_reader&&) noexcept;
  ~rg_reader();

  /// Reads on; calls back for each object that ends in these bytes. An error:
  /// this is not what ripgrep prints.
  [[nodiscard]] result<void> feed(std::string_view bytes,
                                  const listener& heard);

private:
  class state;
  std::unique_ptr<state> state_;
};

} // namespace outrigger
