#include "bench/report.hpp"

#include <algorithm>
#include <cstdio>
#include <sstream>
#include <utility>

#include "bench/statistics.hpp"

namespace outrigger::bench {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value >= 100 ? "%.0f" : "%.3g", value);
  return text;
}

std::string quoted(const std::string& text) {
  std::string out(1, '"');
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  out += '"';
  return out;
}

} // namespace

void report::add(std::string_view metric, std::string_view subject,
                 std::string_view unit, double value,
                 std::string_view reference) {
  auto found = std::find_if(rows_.begin(), rows_.end(), [&](const row& r) {
    return r.metric == metric && r.subject == subject;
  });
  if (found == rows_.end()) {
    rows_.push_back({std::string{metric},
                     std::string{subject},
                     std::string{unit},
                     std::string{reference},
                     {}});
    found = rows_.end() - 1;
  }
  found->samples.push_back(value);
}

void report::note(std::string text) {
  std::fprintf(stderr, "note: %s\n", text.c_str());
  notes_.push_back(std::move(text));
}

const row* report::find(std::string_view metric,
                        std::string_view subject) const {
  auto found = std::find_if(rows_.begin(), rows_.end(), [&](const row& r) {
    return r.metric == metric && r.subject == subject;
  });
  return found == rows_.end() ? nullptr : &*found;
}

double report::ratio(const row& r) const {
  const auto* base = find(r.metric, r.reference);
  if (!base)
    return 0;
  std::vector<double> ratios;
  const auto rounds = std::min(r.samples.size(), base->samples.size());
  for (std::size_t i = 0; i < rounds; ++i)
    if (base->samples[i] > 0)
      ratios.push_back(r.samples[i] / base->samples[i]);
  return median(ratios);
}

void report::print() const {
  std::printf("%-34s %-34s %10s %-8s %10s %10s %7s  %s\n", "metric", "subject",
              "median", "unit", "min", "max", "ratio", "to");
  std::string last;
  for (const auto& r : rows_) {
    const auto [least, most] =
        std::minmax_element(r.samples.begin(), r.samples.end());
    const auto to = ratio(r);
    std::printf("%-34s %-34s %10s %-8s %10s %10s %7s  %s\n",
                r.metric == last ? "" : r.metric.c_str(), r.subject.c_str(),
                number(median(r.samples)).c_str(), r.unit.c_str(),
                number(*least).c_str(), number(*most).c_str(),
                to > 0 ? number(to).c_str() : "",
                to > 0 ? r.reference.c_str() : "");
    last = r.metric;
  }
  for (const auto& text : notes_)
    std::printf("note: %s\n", text.c_str());
}

std::string report::to_json() const {
  std::ostringstream out;
  const char* separator = "";
  out << "{\"rows\":[";
  for (const auto& r : rows_) {
    out << std::exchange(separator, ",") << "\n{\"metric\":" << quoted(r.metric)
        << ",\"subject\":" << quoted(r.subject)
        << ",\"unit\":" << quoted(r.unit)
        << ",\"median\":" << number(median(r.samples));
    if (const auto to = ratio(r); to > 0)
      out << ",\"ratio\":" << number(to) << ",\"to\":" << quoted(r.reference);
    out << ",\"samples\":[";
    const char* comma = "";
    for (const auto sample : r.samples)
      out << std::exchange(comma, ",") << number(sample);
    out << "]}";
  }
  out << "\n],\"notes\":[";
  separator = "";
  for (const auto& text : notes_)
    out << std::exchange(separator, ",") << quoted(text);
  out << "]}\n";
  return out.str();
}

} // namespace outrigger::bench
