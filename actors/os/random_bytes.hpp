// Bytes nobody can guess, from the kernel.
#pragma once

#include <cstddef>
#include <span>
#include <system_error>

namespace outrigger::os {

/// Fills `bytes`, 256 at most.
std::error_code fill_random(std::span<unsigned char> bytes);

} // namespace outrigger::os
