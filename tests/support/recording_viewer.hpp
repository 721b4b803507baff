// RECORDING VIEWER: a viewer_actor that keeps what it is told, in order.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "actors/viewer.hpp"

namespace outrigger {

struct viewer_record {
  using event =
      std::variant<viewer_attached, viewer_refused, output_slice, output_gap,
                   viewer_exit, input_taken, resize_refused>;
  std::vector<event> events;

  /// Every event of one kind.
  template <class T>
  [[nodiscard]] std::vector<T> all() const {
    std::vector<T> found;
    for (const auto& one : events)
      if (const auto* match = std::get_if<T>(&one))
        found.push_back(*match);
    return found;
  }

  template <class T>
  [[nodiscard]] std::size_t count() const {
    return all<T>().size();
  }

  /// The latest event of one kind.
  template <class T>
  [[nodiscard]] std::optional<T> last() const {
    auto found = all<T>();
    return found.empty() ? std::nullopt : std::optional{found.back()};
  }

  /// All output, end to end.
  [[nodiscard]] std::string bytes() const;

  /// Whether each slice began where the one before, or the gap before, ended.
  [[nodiscard]] bool contiguous() const;
};

viewer_actor::behavior_type
recording_viewer(viewer_actor::pointer self,
                 std::shared_ptr<viewer_record> record);

} // namespace outrigger
