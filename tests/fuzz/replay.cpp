// Runs a fuzz target over the files of a corpus, and over each of them cut
// short, without libFuzzer: the ordinary test of every build.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/fuzz/fuzz.hpp"

namespace {

using bytes = std::vector<std::uint8_t>;

bytes read_file(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void run(const bytes& whole) {
  // Every cut of a small file, about a thousand of a larger one.
  const auto step = std::max<std::size_t>(1, whole.size() / 1000);
  for (std::size_t size = 0; size < whole.size(); size += step) {
    // A copy of exactly this size: a sanitizer sees a read past its end.
    const bytes part(whole.begin(),
                     whole.begin() + static_cast<std::ptrdiff_t>(size));
    LLVMFuzzerTestOneInput(part.data(), part.size());
  }
  LLVMFuzzerTestOneInput(whole.data(), whole.size());
}

} // namespace

int main(int argc, char** argv) {
  std::size_t files = 0;
  for (int i = 1; i < argc; ++i)
    for (const auto& entry : std::filesystem::directory_iterator{argv[i]})
      if (entry.is_regular_file()) {
        run(read_file(entry.path()));
        ++files;
      }
  std::printf("%zu corpus files\n", files);
  return files == 0 ? 1 : 0; // an empty corpus is a wrong path
}
