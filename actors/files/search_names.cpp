// The work of a search for names: a walk, and no other program.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/files/search_place.hpp"
#include "actors/files/search_work.hpp"
#include "protocol/files/line_matcher.hpp"
#include "protocol/files/search_answer.hpp"

namespace outrigger {
namespace {

/// Between two looks at the clock, which costs as much as an entry.
constexpr int entries_at_a_time = 64;

class name_search final : public search_work {
public:
  name_search(name_request request, file_place place)
      : request_{std::move(request)}, wanted_{std::move(place)} {}

  result<void> begin() override {
    auto place = find_search_folder(wanted_);
    if (!place)
      return place.error();
    place_ = std::move(*place);
    return {};
  }

  std::optional<program_call> program(std::string_view) override {
    return std::nullopt;
  }
  result<void> take(std::string_view) override { return {}; }
  bool is_complete() const override { return false; }

  result<void> begin_own() override {
    // A path is a line of its own, and so case is what it is in lines.
    auto matcher = line_matcher::make(
        {request_.query, request_.case_sensitive, false, false});
    if (!matcher)
      return matcher.error();
    matcher_ = std::move(*matcher);
    filter_.emplace(walk_filter_of(*place_, request_.filter));
    auto walk = begin_walk(*place_, *filter_);
    if (!walk)
      return walk.error();
    walk_ = std::move(*walk);
    return {};
  }

  bool step(clock::time_point until, std::stop_token stop) override {
    while (!stop.stop_requested() && !is_enough()) {
      for (int i = 0; i < entries_at_a_time && !is_enough(); ++i) {
        const auto* entry = walk_->next();
        if (!entry)
          return true;
        look_at(*entry);
      }
      if (clock::now() >= until)
        return false;
    }
    return true;
  }

  bool is_enough() const override { return capped_; }

  rest_answer answer() const override {
    return {200, names_to_json(request_.query, wanted_.shown, names_, capped_)};
  }

private:
  /// A link is as good as a file: it is not followed to see.
  void look_at(const os::walk_entry& entry) {
    const auto kind = entry.info.kind;
    if (kind != os::file_kind::file && kind != os::file_kind::link)
      return;
    if (!matcher_->find(entry.path))
      return;
    capped_ = names_.size() == request_.max_results ||
              bytes_ + entry.path.size() > limits::max_search_answer;
    if (capped_)
      return;
    bytes_ += entry.path.size();
    names_.push_back(entry.path);
  }

  name_request request_;
  file_place wanted_;
  std::optional<search_place> place_;
  std::vector<std::string> names_;
  std::size_t bytes_ = 0;
  bool capped_ = false;
  std::optional<line_matcher> matcher_;
  std::optional<ignore_filter> filter_;
  std::optional<os::tree_walk> walk_;
};

} // namespace

std::unique_ptr<search_work> search_names(name_request request,
                                          file_place place) {
  return std::make_unique<name_search>(std::move(request), std::move(place));
}

} // namespace outrigger
