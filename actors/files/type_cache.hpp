// TYPE CACHE: MIME types of file versions that were looked at before, because
// finding one out takes longer than serving the file. Used by any thread, hence
// the lock, which is held for a look-up only.

#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace outrigger {

class type_cache {
public:
  /// Some hundred bytes each; when it is full it begins anew.
  static constexpr std::size_t max_entries = 4096;

  [[nodiscard]] std::optional<std::string> find(std::string_view name,
                                                std::string_view version) {
    const std::scoped_lock held{lock_};
    const auto it = types_.find(key(name, version));
    return it == types_.end() ? std::nullopt : std::optional{it->second};
  }

  void add(std::string_view name, std::string_view version, std::string type) {
    const std::scoped_lock held{lock_};
    if (types_.size() >= max_entries)
      types_.clear();
    types_.insert_or_assign(key(name, version), std::move(type));
  }

private:
  static std::string key(std::string_view name, std::string_view version) {
    return std::string{version}.append("/").append(name);
  }

  std::mutex lock_;
  std::unordered_map<std::string, std::string> types_;
};

} // namespace outrigger
