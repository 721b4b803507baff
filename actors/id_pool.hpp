// ID POOL: which terminal id is given out next. Part of the directory's state
// (actors/terminals).
//
// An id is one byte on the wire. The one freed longest ago comes first, so
// that a client holding a stale id is unlikely to meet another terminal under
// it.

#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace outrigger {

class id_pool {
public:
  /// Takes the id freed longest ago, one never used before all others.
  /// Nothing when all 255 are taken.
  [[nodiscard]] std::optional<std::uint8_t> take();

  /// Takes this one: for terminals that are there already.
  void take(std::uint8_t id);

  void free(std::uint8_t id);

  /// Frees one that nobody has seen: it is still the next.
  void give_back(std::uint8_t id);

  /// Which ids were freed when is not kept over a restart. They are given out
  /// in turn, so the one freed longest ago is about the one after `newest`,
  /// the id given out last.
  void reconstruct(std::uint8_t newest);

private:
  struct slot {
    bool taken = false;
    std::uint64_t freed = 0; // number of the freeing; 0: never used
  };
  std::array<slot, 256> slots_; // [0] is no id
  std::uint64_t freeings_ = 0;
};

} // namespace outrigger
