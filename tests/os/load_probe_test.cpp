// What the overload manager reads: our own use against the kernel's word, and
// control groups in trees made by the test.
#include "actors/os/load_probe.hpp"
#include "actors/os/memory_limit.hpp"
#include "tests/os/holder_fixture.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <vector>

namespace outrigger::os::test {

namespace {

constexpr std::uint64_t mib = 1024 * 1024;

/// A /proc and control groups below a directory of the test's.
class fixture_tree {
public:
  void write(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = directory.path() + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  /// Version 2, mounted at `mount`; what is mounted there is `mounted`.
  void unified(const std::string& group, const std::string& mounted = "/",
               const std::string& mount = "/sys/fs/cgroup") const {
    write("/proc/self/cgroup", "0::" + group + "\n");
    write("/proc/self/mountinfo",
          "23 1 0:21 / /proc rw,relatime shared:5 - proc proc rw\n"
          "31 23 0:28 " +
              mounted + " " + mount +
              " rw,nosuid shared:9 master:1 - cgroup2 cgroup2 rw\n");
  }

  /// The limits of one group, and of one of version 1.
  void group(const std::string& path, const std::string& limit) const {
    write("/sys/fs/cgroup" + path + "/memory.max", limit + "\n");
  }
  void old_group(const std::string& path, const std::string& limit) const {
    write("/sys/fs/cgroup/memory" + path + "/memory.limit_in_bytes",
          limit + "\n");
  }

  [[nodiscard]] std::optional<std::uint64_t> limit() const {
    return memory_limit(directory.path());
  }

  temporary_directory directory;
};

constexpr const char* no_limit = "9223372036854771712";

} // namespace

TEST_CASE("memory and descriptors are those of this process") {
  const load_probe probe;
  const auto before = probe.read();
  CHECK(before.resident > mib);
  {
    const std::filesystem::directory_iterator open_now("/proc/self/fd");
    // The iterator's own descriptor is one of them.
    const auto counted = std::distance(begin(open_now), end(open_now)) - 1;
    CHECK(before.descriptors == static_cast<std::uint64_t>(counted));
  }
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK(before.descriptor_limit == limit.rlim_cur);

  constexpr std::size_t size = 32 * mib;
  std::vector<unique_fd> more;
  for (int i = 0; i < 50; ++i)
    more.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  more[20].reset(); // a gap
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  const auto after = probe.read();
  ::munmap(memory, size);
  CHECK(after.descriptors == before.descriptors + 49);
  CHECK(after.resident >= before.resident + size / 2);
}

TEST_CASE("where the kernel does not count descriptors they are estimated") {
  const fixture_tree tree; // has no /proc/self/fd
  tree.write("/proc/self/statm", "9 7 5 3 0 2 0\n");
  const load_probe probe(tree.directory.path());
  const int lowest = unique_fd(::open("/dev/null", O_RDONLY)).get();
  CHECK(probe.read().descriptors == static_cast<std::uint64_t>(lowest));
  CHECK(probe.read().resident ==
        7 * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
}

TEST_CASE("the smallest limit counts, whosesoever it is") {
  const fixture_tree tree;
  tree.unified("/user.slice/app.service");
  tree.group("/user.slice/app.service", "max");
  CHECK_FALSE(tree.limit());
  tree.group("/user.slice", "1000");
  CHECK(tree.limit() == 1000U);
  tree.group("/user.slice/app.service", "100");
  CHECK(tree.limit() == 100U);
  tree.group("/user.slice", "99");
  CHECK(tree.limit() == 99U);
}

TEST_CASE("a limit is found in control groups version 1") {
  const fixture_tree tree;
  tree.write("/proc/self/cgroup", "9:name=systemd:/x\n"
                                  "4:cpu,memory:/box/inner\n"
                                  "0::/elsewhere\n");
  tree.write("/proc/self/mountinfo",
             "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
             "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup "
             "rw,memory\n"
             "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  tree.old_group("/box/inner", no_limit);
  tree.old_group("/box", no_limit);
  CHECK_FALSE(tree.limit());
  tree.old_group("/box", "1000");
  CHECK(tree.limit() == 1000U);
}

TEST_CASE("in a container the mounted group is the root of what is seen") {
  SECTION("its path is the host's, and so is the mount's") {
    const fixture_tree tree;
    tree.unified("/docker/abc/sub", "/docker/abc");
    tree.group("/sub", "10");
    CHECK(tree.limit() == 10U);
  }
  SECTION("its path is one of another name space") {
    const fixture_tree tree;
    for (const char* path : {"/docker/xyz", "/../outside", "/"}) {
      INFO(path);
      tree.unified(path, "/docker/abc");
      tree.group("", "20");
      tree.group("/../outside", "2");
      CHECK(tree.limit() == 20U);
    }
  }
  SECTION("its mount point has a blank") {
    const fixture_tree tree;
    tree.unified("/", "/", "/sys/fs/cgroup/a\\040b");
    tree.group("/a b", "20");
    CHECK(tree.limit() == 20U);
  }
}

TEST_CASE("no memory controller is no limit") {
  const fixture_tree tree;
  CHECK_FALSE(tree.limit());
  tree.unified("/app"); // no files: the controller is elsewhere
  CHECK_FALSE(tree.limit());
  tree.group("/app", "garbage");
  CHECK_FALSE(tree.limit());
  tree.write("/proc/self/mountinfo", "31 23\n - \n\n");
  tree.write("/proc/self/cgroup", ":\n0:\n0::\n");
  CHECK_FALSE(tree.limit());
}

} // namespace outrigger::os::test
