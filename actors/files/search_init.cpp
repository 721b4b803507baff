// The work of a call about ripgrep itself: it is asked for its version.

#include <algorithm>
#include <string>

#include "actors/files/search_work.hpp"
#include "actors/os/program_path.hpp"
#include "protocol/files/rg_command.hpp"
#include "protocol/files/search_answer.hpp"

namespace outrigger {
namespace {

/// A version is in the first few lines.
constexpr std::size_t max_printed = 4096;

class init_work final : public search_work {
public:
  explicit init_work(bool to_install) : to_install_{to_install} {}

  result<void> begin() override { return {}; }

  std::optional<program_call> program(std::string_view path) override {
    tool_.path = os::find_program("rg", path);
    if (tool_.path.empty())
      return std::nullopt;
    return program_call{{tool_.path, "--version"}, "/"};
  }

  result<void> take(std::string_view printed) override {
    printed_ += printed.substr(0, max_printed - printed_.size());
    tool_.version = rg_version(printed_);
    return {};
  }
  bool is_complete() const override { return !tool_.version.empty(); }

  result<void> begin_own() override {
    tool_ = {};
    return {};
  }
  bool step(clock::time_point, std::stop_token) override { return true; }
  bool is_enough() const override { return false; }

  rest_answer answer() const override {
    if (tool_.path.empty() && to_install_)
      return {501, tool_refusal_to_json()};
    return {200, tool_to_json(tool_)};
  }

private:
  bool to_install_;
  search_tool tool_;
  std::string printed_;
};

} // namespace

std::unique_ptr<search_work> search_init(bool to_install) {
  return std::make_unique<init_work>(to_install);
}

} // namespace outrigger
