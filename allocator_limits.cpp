#include "allocator_limits.hpp"

#include <malloc.h>

namespace outrigger {
namespace {

/// A block of at least this goes back to the kernel when it is freed: it is a
/// large message on its way, and the heap that a flood of them needed would
/// stay, full of holes. Smaller ones, such as slices of output, stay for the
/// next use.
constexpr int own_mapping_from = 256 * 1024;
constexpr int heap_kept = 2 * 1024 * 1024;

} // namespace

void limit_allocator() {
  ::mallopt(M_MMAP_THRESHOLD, own_mapping_from);
  ::mallopt(M_TRIM_THRESHOLD, heap_kept);
}

} // namespace outrigger
