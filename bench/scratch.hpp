// What a benchmark needs of the machine: a directory that goes with it, and
// descriptors for its connections.

#pragma once

#include <string>

namespace outrigger::bench {

/// A temporary directory, removed with everything in it.
class scratch_directory {
public:
  scratch_directory();
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;
  ~scratch_directory();

  [[nodiscard]] const std::string& path() const { return path_; }

private:
  std::string path_;
};

/// As many descriptors as this process may have; what it starts inherits that.
void raise_descriptor_limit();

} // namespace outrigger::bench
