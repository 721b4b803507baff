#include "bench/scratch.hpp"

#include <cstdlib>
#include <filesystem>

#include <sys/resource.h>

#include "bench/source.hpp"

namespace outrigger::bench {

namespace fs = std::filesystem;

scratch_directory::scratch_directory() {
  auto pattern =
      (fs::temp_directory_path() / "outrigger-bench-XXXXXX").string();
  if (!::mkdtemp(pattern.data()))
    throw failure{"cannot make a temporary directory"};
  path_ = pattern;
}

scratch_directory::~scratch_directory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace outrigger::bench
