#pragma once
#include "actors/os/files/tree_walk.hpp"
#include <string>
#include <vector>
namespace outrigger {
struct ignore_options {
  bool gitignore = false;
  bool hidden = true;
  std::vector<std::string> ignore_globs;
  std::vector<std::string> ignored_names;
  std::string path_filter;
  std::vector<std::string> extensions;
};
struct outer_ignore {
  std::string folder;
  std::string text;
};
class ignore_filter final : public os::walk_filter {
public:
  explicit ignore_filter(ignore_options o, std::vector<outer_ignore> = {})
      : o_{std::move(o)} {}
  void enter(std::string_view, const reader&) override {}
  void leave() override {}
  bool wants(std::string_view path, bool) override {
    const auto name = path.substr(path.rfind('/') + 1);
    if (!o_.hidden && name.starts_with('.'))
      return false;
    for (const auto& n : o_.ignored_names)
      if (n == name)
        return false;
    return true;
  }

private:
  ignore_options o_;
};
} // namespace outrigger
