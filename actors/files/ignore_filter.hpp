// IGNORE FILTER: what a walk through a tree leaves out: what git ignores, what
// is hidden, and what a client named. One for each walk; knows the rules of
// the folders the walk is in, nearest last, and forgets them when it leaves.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "actors/os/files/tree_walk.hpp"
#include "protocol/files/gitignore.hpp"

namespace outrigger {

struct ignore_options {
  /// The .gitignore of each folder counts, and .git itself is left out.
  bool gitignore = false;
  /// Names that begin with a dot are shown.
  bool hidden = true;
  /// Wildcards for names, or for paths below the walk's root: "*.log",
  /// "doc/*.txt", "**/out". With a slash at the end: folders only.
  std::vector<std::string> ignore_globs = {};
  /// Whole names.
  std::vector<std::string> ignored_names = {};

  // What follows is about files; folders are shown whatever is in them.

  /// In the path, in upper or lower case (ASCII); empty: every path.
  std::string path_filter = {};
  /// What names end with, without the dot, in upper or lower case; none: any.
  std::vector<std::string> extensions = {};
};

/// Rules from outside of the walk, such as the .gitignore of a folder above.
struct outer_ignore {
  /// The walk's root as paths in the rules call it, "a/b"; empty when the rules
  /// are of that very folder.
  std::string below;
  std::string text;
};

class ignore_filter final : public os::walk_filter {
public:
  /// `outer`: the rules that count least first, which is .git/info/exclude and
  /// then the outermost .gitignore. Of no use without options.gitignore.
  explicit ignore_filter(ignore_options options,
                         std::vector<outer_ignore> outer = {});

  void enter(std::string_view path, const reader& read) override;
  void leave() override;
  [[nodiscard]] bool wants(std::string_view path, bool is_folder) override;

private:
  struct outer_rules {
    std::string prefix; // before a path of the walk: empty or "a/b/"
    gitignore rules;
  };
  struct level {
    std::size_t prefix; // bytes of a path that name the folder and its slash
    gitignore rules;    // empty when the folder has none
  };
  [[nodiscard]] bool is_named(std::string_view path, bool is_folder) const;
  [[nodiscard]] bool is_ignored(std::string_view path, bool is_folder);
  [[nodiscard]] bool is_wanted_file(std::string_view path) const;

  ignore_options options_;
  std::vector<outer_rules> outer_;
  std::vector<level> levels_; // folders the walk is in
  std::string outer_path_;    // kept for its memory
};

} // namespace outrigger
