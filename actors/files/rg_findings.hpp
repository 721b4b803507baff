// RG FINDINGS: what ripgrep found, looked up again through the door. Part of
// search_work: a pool's thread, one at a time.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/files/search_place.hpp"
#include "protocol/files/rg_output.hpp"
#include "protocol/files/search_answer.hpp"

namespace outrigger {

class rg_findings {
public:
  /// All three outlive this.
  rg_findings(const search_place& place, const search_filter& filter,
              search_results& found);

  /// Reads on, and adds each file that ends in these bytes.
  [[nodiscard]] result<void> take(std::string_view printed);

  /// Whether it said that everything was searched.
  [[nodiscard]] bool is_complete() const noexcept { return complete_; }

private:
  void hear(rg_event&& event);
  void keep(rg_event&& event);
  void end_file(const rg_event& event);
  [[nodiscard]] std::vector<found_line> look_up(const std::string& path) const;

  const search_place& place_;
  found_filter filter_;
  search_results& found_;
  rg_reader reader_;
  std::vector<rg_event> lines_; // of the file being told of
  std::size_t matches_ = 0;     // among them
  std::size_t bytes_ = 0;
  bool complete_ = false;
};

} // namespace outrigger
