// The archive reader, into a folder of its own. Whatever is in the archive:
// what is refused leaves nothing, and nothing is ever made outside.
#include "actors/os/files/archive_reader.hpp"

#include "tests/fuzz/fuzz.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <optional>
#include <string>

using namespace outrigger;
namespace fs = std::filesystem;

namespace {

/// around/root is the workspace, around/pending what is noted; nothing else is
/// ever there.
struct playground {
  playground() {
    // In memory, where there is such a place: these are many small files.
    for (std::string name :
         {"/dev/shm/outrigger-fuzz-XXXXXX", "/tmp/outrigger-fuzz-XXXXXX"})
      if (around.empty() && ::mkdtemp(name.data()) != nullptr)
        around = name;
    fuzz::require(!around.empty(), "there is room to play");
    fs::create_directories(around / "root/old/d");
    auto opened = os::pending_files::open(around / "pending");
    fuzz::require(opened.has_value(), "names can be noted");
    pending = std::move(*opened);
    root = *os::root_dir::open(around / "root", os::choose_resolver());
  }
  ~playground() { fs::remove_all(around); }

  fs::path around;
  std::unique_ptr<os::pending_files> pending;
  std::optional<os::root_dir> root;
};

std::size_t count(const fs::path& folder) {
  const fs::directory_iterator entries{folder};
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

/// What was unpacked: links lead nowhere outside, and nothing has rights that
/// files from elsewhere must not have.
void look_at(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator{folder}) {
    struct stat status {};
    fuzz::require(::lstat(entry.path().c_str(), &status) == 0, "it is there");
    fuzz::require((status.st_mode & 07000) == 0, "no special bits");
    fuzz::require(S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) ||
                      S_ISLNK(status.st_mode),
                  "files, folders, links");
    fuzz::require(status.st_nlink == 1 || S_ISDIR(status.st_mode),
                  "no hard links");
    if (!S_ISLNK(status.st_mode))
      continue;
    const auto target = fs::read_symlink(entry.path());
    const auto leads = (entry.path().parent_path() / target).lexically_normal();
    fuzz::require(target.is_relative() &&
                      leads.string().starts_with(folder.string()),
                  "links stay inside");
  }
}

std::error_code unpack(playground& ground, const char* destination,
                       const std::string& bytes, os::if_taken policy) {
  os::unique_fd file{::memfd_create("archive", MFD_CLOEXEC)};
  fuzz::require(::write(file.get(), bytes.data(), bytes.size()) ==
                    static_cast<ssize_t>(bytes.size()),
                "the archive is there");
  os::extract_options options;
  options.policy = policy;
  options.limits.max_members = 100;
  options.limits.max_bytes = 1 << 20;
  auto reader = os::archive_reader::open(std::move(file), *ground.root,
                                         destination, options, *ground.pending);
  fuzz::require(reader.has_value(), "the destination is fine");
  for (unsigned steps = 0;; ++steps) {
    const auto progress = reader->step();
    if (!progress) {
      fuzz::require(!reader->complaint().empty(), "there is a reason");
      return progress.error();
    }
    fuzz::require(progress->members <= 100 && progress->bytes <= 1 << 20,
                  "limits hold");
    if (progress->done)
      break;
    fuzz::require(steps < 10'000, "it ends");
  }
  const auto done = reader->finish();
  return done ? std::error_code{} : done.error();
}

void run(playground& ground, const std::string& bytes) {
  const auto root = ground.around / "root";
  if (!unpack(ground, "new", bytes, os::if_taken::reject)) {
    look_at(root / "new");
    fuzz::require(!unpack(ground, "new", bytes, os::if_taken::overwrite),
                  "what could be unpacked can be unpacked over itself");
    look_at(root / "new");
    fs::remove_all(root / "new");
  }
  fuzz::require(count(root) == 1 && count(root / "old") == 1 &&
                    count(ground.around) == 2,
                "nothing is left");
}

/// With the checksums of tar's headers put right: else none that is changed
/// gets any further.
std::string repaired(std::string bytes) {
  constexpr std::size_t block = 512;
  for (std::size_t at = 0; at + block <= bytes.size(); at += block) {
    if (bytes.compare(at + 257, 5, "ustar") != 0)
      continue;
    bytes.replace(at + 148, 8, "        ");
    unsigned sum = 0;
    for (std::size_t i = at; i < at + block; ++i)
      sum += static_cast<unsigned char>(bytes[i]);
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "%06o", sum);
    bytes.replace(at + 148, 7, text.data(), 7);
  }
  return bytes;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static playground ground;
  const std::string bytes{fuzz::view_of(data, size)};
  run(ground, bytes);
  if (const auto better = repaired(bytes); better != bytes)
    run(ground, better);
  return 0;
}
