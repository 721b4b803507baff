// One .gitignore file as a value, with git's own rules for what it leaves out.
// Whether a path is ignored is then for whoever walks the tree to say: the
// nearest file that has a verdict decides, and what is in an ignored folder is
// ignored whatever the files say.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger {

class gitignore {
public:
  /// Patterns beyond these limits are passed over: a hostile file costs no
  /// more than so much for each path.
  static constexpr std::size_t max_patterns = 10'000;
  static constexpr std::size_t max_text = 256 * 1024;
  /// Of those with wildcards, but for "*.o", from the first wildcard on.
  static constexpr std::size_t max_wild_text = 32 * 1024;

  /// Every text has a meaning; lines that git does not understand ignore
  /// nothing.
  [[nodiscard]] static gitignore parse(std::string_view text);

  enum class verdict : std::uint8_t {
    none,    // no pattern is like it
    ignored, // by the last one that is
    kept,    // the last one that is like it begins with `!`
  };

  /// `path` is below the folder that the file is in, without a slash at either
  /// end: "src/main.cpp".
  [[nodiscard]] verdict judge(std::string_view path, bool is_folder) const;

  [[nodiscard]] bool empty() const noexcept { return patterns_.empty(); }

private:
  enum class kind : std::uint8_t {
    name,      // of a file in any folder: "core"
    ending,    // of such a name: "*.o"
    name_glob, // like such a name: "*.[oa]"
    path_glob, // like a path below the folder: "doc/*.txt"
  };
  struct pattern {
    std::uint32_t offset; // in text_
    std::uint32_t size;
    std::uint32_t literal; // bytes before the first wildcard
    kind how;
    bool keeps;        // "!…"
    bool folders_only; // "…/"
  };
  static kind kind_of(std::string_view line);
  void add(std::string_view line);
  [[nodiscard]] bool is_like(const pattern& each, std::string_view path,
                             std::string_view name) const;

  std::string text_; // of the patterns
  std::size_t wild_text_ = 0;
  std::vector<pattern> patterns_;
};

} // namespace outrigger
