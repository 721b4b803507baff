// REPORT: what was measured, as a table for people and JSON for programs.
//
//   measure_* ── add(metric, subject, sample) per round ──► report
//   report ── print / to_json ──► stdout, --json FILE
//
// A row is one metric of one subject (ours or a reference). Its value is the
// median of the rounds; its ratio is the median of the ratios of each round to
// the reference measured in that same round, so noise that lasts longer than
// a round cancels out.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger::bench {

struct row {
  std::string metric;    // "output throughput"
  std::string subject;   // "raw relay", "outrigger, 1 viewer"
  std::string unit;      // "MB/s"
  std::string reference; // subject the ratio is against; empty: none
  std::vector<double> samples;
};

class report {
public:
  /// Adds one round's value to the row, which is made at the first call.
  void add(std::string_view metric, std::string_view subject,
           std::string_view unit, double value,
           std::string_view reference = {});

  /// A remark printed below the table, such as a failed check.
  void note(std::string text);

  void print() const;
  [[nodiscard]] std::string to_json() const;

private:
  [[nodiscard]] const row* find(std::string_view metric,
                                std::string_view subject) const;
  /// Median ratio to the row's reference; 0 when it has none.
  [[nodiscard]] double ratio(const row& r) const;

  std::vector<row> rows_;
  std::vector<std::string> notes_;
};

} // namespace outrigger::bench
