#include "actors/files/operations.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "actors/os/random_bytes.hpp"

namespace outrigger {
namespace {

bool is_over(const operation_report& report) {
  return report.state == operation_state::completed ||
         report.state == operation_state::failed;
}

} // namespace

std::optional<operation_report> operations::begin(std::string message,
                                                  std::int64_t now_ns) {
  std::array<unsigned char, 6> random{};
  if (os::fill_random(random))
    return std::nullopt;
  operation_report report;
  report.id = "extract-";
  for (const auto byte : random)
    report.id += fmt::format("{:02x}", byte);
  report.message = std::move(message);
  report.started_ns = now_ns;
  const std::scoped_lock held{lock_};
  const auto running =
      std::count_if(all_.begin(), all_.end(),
                    [](const auto& each) { return !is_over(each.second); });
  if (static_cast<std::size_t>(running) >= max_running)
    return std::nullopt;
  while (all_.size() >= max_kept) {
    auto oldest = all_.end();
    for (auto it = all_.begin(); it != all_.end(); ++it)
      if (is_over(it->second) &&
          (oldest == all_.end() ||
           it->second.started_ns < oldest->second.started_ns))
        oldest = it;
    all_.erase(oldest);
  }
  all_.emplace(report.id, report);
  return report;
}

void operations::update(const operation_report& report) {
  const std::scoped_lock held{lock_};
  if (auto it = all_.find(report.id); it != all_.end())
    it->second = report;
}

std::optional<operation_report> operations::find(const std::string& id) {
  const std::scoped_lock held{lock_};
  const auto it = all_.find(id);
  return it == all_.end() ? std::nullopt : std::optional{it->second};
}

} // namespace outrigger
