// Names of folders, each kept once: a tree of a hundred thousand folders has
// far fewer different ones. Nothing is taken out; whoever uses them begins a
// new set when most are of no use any more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger::os {

class watch_names {
public:
  /// Where a name is kept. At most 255 bytes long. The same name, the same
  /// number.
  [[nodiscard]] std::uint32_t keep(std::string_view name);

  /// Borrows, until the next keep().
  [[nodiscard]] std::string_view at(std::uint32_t where) const;

  /// Different names.
  [[nodiscard]] std::size_t size() const { return count_; }
  /// Bytes of memory.
  [[nodiscard]] std::size_t memory() const;

private:
  void grow();

  std::string text_;                 // a byte of length, then the name
  std::vector<std::uint32_t> slots_; // open addressing; where + 1, 0: free
  std::size_t count_ = 0;
};

/// Spreads bits, so that numbers in a row do not end up in slots in a row.
[[nodiscard]] constexpr std::size_t mixed(std::uint64_t bits) {
  bits ^= bits >> 33U;
  bits *= 0xff51afd7ed558ccdULL;
  bits ^= bits >> 33U;
  return bits;
}

} // namespace outrigger::os
