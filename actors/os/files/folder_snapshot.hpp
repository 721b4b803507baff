// FOLDER SNAPSHOT: what was in some folders at one moment, for those that
// cannot be watched: the differences between two are what happened meanwhile,
// as far as that can be told.
//
// Of at most so many entries; beyond that only whether anything differs.
#pragma once

#include "actors/os/files/folder_news.hpp"
#include "actors/os/files/folder_scan.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger::os {

class folder_snapshot {
public:
  explicit folder_snapshot(std::size_t max_entries)
      : max_entries_{max_entries} {}

  /// Takes in what a scan with prints found. `starts` are those of the scan.
  void add(const scan_rows& rows,
           const std::vector<folder_scan::start>& starts);

  /// After the last add().
  void finish();

  /// As if there had been nothing at a path and below it. After finish().
  void forget(std::string_view path);

  /// As if what was at a path and below it had been at another one.
  void rename(std::string_view from, std::string_view to);

  /// Since an earlier one. Null: something, but one of the two is too large to
  /// say what.
  [[nodiscard]] std::optional<folder_changes>
  changes_since(const folder_snapshot& before) const;

  /// Folders that are there.
  [[nodiscard]] std::size_t folders() const { return folders_; }

private:
  struct entry {
    std::uint32_t path_at = 0;
    std::uint32_t path_size = 0;
    std::uint64_t print = 0;
    bool is_folder = false;
  };
  using iterator = std::vector<entry>::iterator;
  [[nodiscard]] iterator last_of(std::string_view path);
  void add(std::string_view path, std::uint64_t print, bool is_folder);
  void sort();
  [[nodiscard]] std::string_view path(const entry& of) const {
    return std::string_view{paths_}.substr(of.path_at, of.path_size);
  }

  std::size_t max_entries_;
  std::vector<entry> entries_; // by path, once finished
  std::string paths_;
  std::vector<std::string> open_; // the folders the last row was in
  std::size_t starts_seen_ = 0;
  std::size_t folders_ = 0;
  std::size_t seen_ = 0;
  std::uint64_t print_ = 0; // of everything
};

} // namespace outrigger::os
