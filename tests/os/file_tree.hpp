// A folder of its own for a test: "root", which is the workspace, and whatever
// is beside it. Made and looked at without the code under test.
#pragma once

#include "actors/os/files/root_dir.hpp"
#include "tests/os/holder_fixture.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger::os::test {

/// Both ways of resolving paths, for tests that go through them.
inline constexpr path_resolver resolvers[] = {path_resolver::openat2,
                                              path_resolver::walk};

/// Where it is: thousands of files go faster where there is no disk.
enum class storage { disk, memory };

class file_tree {
public:
  explicit file_tree(storage where = storage::disk);

  /// The folder around the root, and the path of something in it.
  [[nodiscard]] std::string operator()(std::string_view name) const;
  /// The path of something in the root.
  [[nodiscard]] std::string in(std::string_view name) const;

  /// A root on "root", or on another folder.
  [[nodiscard]] root_dir root(path_resolver how = path_resolver::openat2,
                              std::string_view folder = "root") const;

private:
  temporary_directory directory_;
};

void write_file(const std::string& path, std::string_view text,
                mode_t mode = 0644);
/// Null when it cannot be read.
std::optional<std::string> read_file(const std::string& path);
void make_folder_at(const std::string& path);
void make_link(const std::string& target, const std::string& path);
mode_t mode_of(const std::string& path);
bool exists(const std::string& path); // a link itself
/// The names in a folder, in order.
std::vector<std::string> names_in(const std::string& path);
/// How many entries below a folder have names of pending files.
std::size_t pending_below(const std::string& path);
/// Descriptors this process has open.
std::size_t open_descriptors();

/// A file system of its own at a path of the tree, for root alone.
class small_disk {
public:
  /// `size` as mount(8) takes it, such as "64k".
  small_disk(const std::string& path, const std::string& size,
             const char* type = "tmpfs");
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;
  ~small_disk();
  /// False: this process may not mount.
  [[nodiscard]] bool mounted() const noexcept { return mounted_; }

private:
  std::string path_;
  bool mounted_;
};

} // namespace outrigger::os::test
