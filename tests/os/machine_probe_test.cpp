#include "actors/os/machine_probe.hpp"
#include "tests/os/file_tree.hpp"

#include <catch2/catch.hpp>

#include <filesystem>

namespace outrigger::os::test {

namespace {

/// A machine as /proc would tell of it.
struct made_up_machine {
  made_up_machine(std::string_view stat, std::string_view meminfo) {
    std::filesystem::create_directories(tree("proc"));
    write_file(tree("proc/stat"), stat);
    write_file(tree("proc/meminfo"), meminfo);
  }
  machine_reading read() { return machine_probe{tree("")}.read(tree.root()); }
  file_tree tree;
};

} // namespace

TEST_CASE("processors and memory are read from /proc") {
  made_up_machine machine{
      "cpu  10 20 30 400 50 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\n",
      "MemTotal:        1000 kB\nMemFree:   1 kB\nMemAvailable:  250 kB\n"};
  const auto reading = machine.read();
  CHECK(reading.processor_total == 10 + 20 + 30 + 400 + 50 + 6 + 7 + 8);
  CHECK(reading.processor_busy == 10 + 20 + 30 + 6 + 7 + 8);
  CHECK(reading.memory_total == 1000 * 1024);
  CHECK(reading.memory_used == 750 * 1024);
}

TEST_CASE("what /proc does not say is 0") {
  const auto [stat, meminfo] = GENERATE(
      std::pair{"", ""}, std::pair{"cpu\n", "MemTotal: 5 kB\n"},
      std::pair{"cp 1 2 3 4 5\n", "MemTotal: 1 kB\nMemAvailable: 2 kB\n"},
      std::pair{"xcpu 1 2\n", "no numbers\nMemTotal:\nMemAvailable:\n"});
  made_up_machine machine{stat, meminfo};
  const auto reading = machine.read();
  CHECK(reading.processor_total == 0);
  CHECK(reading.memory_total == 0);
}

TEST_CASE("this machine has a disk, memory and processors") {
  file_tree tree;
  const auto reading = machine_probe{}.read(tree.root());
  CHECK(reading.disk_total > 0);
  CHECK(reading.disk_used <= reading.disk_total);
  CHECK(reading.memory_total > reading.memory_used);
  CHECK(reading.processor_total >= reading.processor_busy);
}

TEST_CASE("a part of nothing is nothing") {
  CHECK(percent_of(1, 0) == 0);
  CHECK(percent_of(1, 4) == 25);
}

} // namespace outrigger::os::test
