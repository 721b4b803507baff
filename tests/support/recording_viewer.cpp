#include "tests/support/recording_viewer.hpp"

#include <utility>

namespace outrigger {

std::string viewer_record::bytes() const {
  std::string joined;
  for (const auto& slice : all<output_slice>())
    joined += *slice.bytes;
  return joined;
}

bool viewer_record::contiguous() const {
  std::optional<std::uint64_t> expected;
  for (const auto& one : events) {
    if (const auto* start = std::get_if<viewer_attached>(&one)) {
      expected = start->offset;
    } else if (const auto* gap = std::get_if<output_gap>(&one)) {
      expected = gap->to;
    } else if (const auto* slice = std::get_if<output_slice>(&one)) {
      if (slice->offset != expected)
        return false;
      expected = slice->offset + slice->bytes->size();
    }
  }
  return true;
}

viewer_actor::behavior_type
recording_viewer(viewer_actor::pointer self,
                 std::shared_ptr<viewer_record> record) {
  end_on_exception(self);
  return {
      [record](const viewer_attached& e) { record->events.emplace_back(e); },
      [record](const viewer_refused& e) { record->events.emplace_back(e); },
      [record](const output_slice& e) { record->events.emplace_back(e); },
      [record](const output_gap& e) { record->events.emplace_back(e); },
      [record](const viewer_exit& e) { record->events.emplace_back(e); },
      [record](const input_taken& e) { record->events.emplace_back(e); },
      [record](const resize_refused& e) { record->events.emplace_back(e); },
  };
}

} // namespace outrigger
