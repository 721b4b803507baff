// What a watched folder leaves out: names, globs, and the daemon's own files
// that are not finished yet.

#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "actors/os/files/folder_scan.hpp"

namespace outrigger {

class watch_excludes final : public os::watch_filter {
public:
  /// Names and globs; one with a slash in it is about the path below the
  /// watched folder.
  explicit watch_excludes(const std::vector<std::string>& patterns);

  [[nodiscard]] bool leaves_out(std::string_view folder,
                                std::string_view name) const override;

  [[nodiscard]] bool looks_at_folders() const override {
    return !path_globs_.empty();
  }

  /// The same for the same patterns, in whatever order.
  [[nodiscard]] const std::string& key() const { return key_; }

private:
  std::set<std::string, std::less<>> names_;
  std::vector<std::string> globs_; // of a name
  std::vector<std::string> path_globs_;
  std::string key_;
};

} // namespace outrigger
