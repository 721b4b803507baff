// CORPUS: what programs print, in four kinds from well to hardly compressible.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/measure.hpp"

namespace outrigger::bench {

struct printed_text {
  std::string name;
  command program;         // waits for Return, then prints it once
  std::uint64_t bytes = 0; // as a terminal prints it: CR LF line ends
};

/// Writes the files to `directory`, each of about `size` bytes.
///
///   source text   the headers in /usr/include, one after another
///   build log     numbered, coloured lines of a compiler's progress
///   yes           two-byte lines, by yes itself
///   base64        random bytes
[[nodiscard]] std::vector<printed_text>
write_corpus(const std::string& directory, std::size_t size);

} // namespace outrigger::bench
