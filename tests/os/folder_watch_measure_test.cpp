// How long a hundred thousand folders take until they are watched, and how
// much memory. Not run with the others:
//
//   os_watch_tests "[measure]"
#include "actors/os/load_probe.hpp"
#include "tests/os/watch_fixture.hpp"

#include <catch2/catch.hpp>

#include <iostream>

namespace outrigger::os::test {

TEST_CASE_METHOD(watch_fixture, "a hundred thousand folders", "[.][measure]") {
  constexpr std::size_t tops = 100;
  constexpr std::size_t each = 1000;
  for (std::size_t i = 0; i < tops; ++i) {
    const auto top = "top-" + std::to_string(i);
    make_folder_at(tree.in(top));
    for (std::size_t j = 0; j < each; ++j)
      make_folder_at(tree.in(top + "/folder-" + std::to_string(j)));
  }
  const load_probe probe;
  const auto before = probe.read().resident;
  const auto began = std::chrono::steady_clock::now();
  auto w = open();
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - began;
  const auto now = watches->now();
  CHECK(now.watches == 1 + tops + tops * each);
  std::cout << now.watches << " folders: ready after " << took.count() << " s, "
            << static_cast<double>(now.memory) /
                   static_cast<double>(now.watches)
            << " bytes a folder, resident memory grew by "
            << (probe.read().resident - before) / 1024 << " KiB\n";
  w.interest.reset();
  const auto ending = std::chrono::steady_clock::now();
  REQUIRE(until([&] { return watches->now().watches == 0; }));
  const std::chrono::duration<double> ended =
      std::chrono::steady_clock::now() - ending;
  std::cout << "ended after " << ended.count() << " s\n";
}

} // namespace outrigger::os::test
