// The names in one folder, folders first and then in the order of their bytes.
// Held in one block of memory, because a folder may have a million of them.
// For walks of the tree; blocks.
#pragma once

#include "actors/os/files/file_info.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger::os {

class folder_names {
public:
  struct entry {
    std::string_view name; // a zero byte behind it; as long as the names live
    file_kind kind;
  };

  /// Reads them from a folder that was opened for reading just now, without
  /// "." and "..". Tells kinds without a system call for each where the file
  /// system does. EFBIG: they take more than `max_bytes`.
  static result<folder_names> read(int folder, std::size_t max_bytes);

  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }
  /// The memory they take.
  [[nodiscard]] std::size_t bytes() const noexcept {
    return text_.size() + places_.size() * sizeof(place);
  }
  [[nodiscard]] entry operator[](std::size_t index) const;

  /// Puts them in the order of their lower-case forms (ASCII), folders first.
  void fold_case();

  /// Whether there was a regular file of this name.
  [[nodiscard]] bool has_file(std::string_view name) const;

private:
  struct place {
    std::uint64_t start; // the name's first bytes: most comparisons end here
    std::uint32_t offset;
    std::uint16_t size;
    file_kind kind;
  };
  folder_names() = default;
  void add(int folder, const char* name, unsigned char type);
  void sort();
  [[nodiscard]] std::string_view name_of(const place& at) const;
  [[nodiscard]] bool before(const place& a, const place& b) const;

  std::string text_; // names, a zero byte behind each
  std::vector<place> places_;
  bool folded_ = false;
};

} // namespace outrigger::os
