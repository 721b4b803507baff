// The memory controller of this machine, where we may make a group in it.
#include "actors/os/memory_limit.hpp"
#include "tests/os/forked_child.hpp"
#include "tests/os/skip.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace outrigger::os::test {

namespace {

constexpr std::uint64_t mib = 1024 * 1024;

bool write_to(const std::filesystem::path& file, const std::string& text) {
  std::ofstream stream(file);
  stream << text << std::flush;
  return stream.good();
}

/// A group of version 1 with a limit; removed at the end.
class limited_group {
public:
  limited_group()
      : path_("/sys/fs/cgroup/memory/outrigger-test-" +
              std::to_string(::getpid())) {
    std::error_code ec;
    made_ =
        std::filesystem::is_directory("/sys/fs/cgroup/memory", ec) &&
        std::filesystem::create_directory(path_, ec) &&
        write_to(path_ / "memory.limit_in_bytes", std::to_string(256 * mib));
  }
  limited_group(const limited_group&) = delete;
  limited_group& operator=(const limited_group&) = delete;
  ~limited_group() { ::rmdir(path_.c_str()); }

  explicit operator bool() const noexcept { return made_; }
  [[nodiscard]] bool enter() const {
    return write_to(path_ / "cgroup.procs", std::to_string(::getpid()));
  }

private:
  std::filesystem::path path_;
  bool made_ = false;
};

} // namespace

TEST_CASE("the limit of a real group is found", "[memory_limit]") {
  const limited_group group;
  if (!group)
    return skip("no memory controller of version 1 in which we may make a "
                "group");
  CHECK(in_child([&group] {
          if (!group.enter())
            return 1;
          return memory_limit() == 256 * mib ? 0 : 2;
        }) == 0);
}

} // namespace outrigger::os::test
