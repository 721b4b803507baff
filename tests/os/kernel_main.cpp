// Entry point of os_kernel_tests: 0 passed, 77 passed as far as this kernel
// lets the tests run, anything else failed.
#define CATCH_CONFIG_RUNNER

// As in tests/support/main.cpp: GCC 12 with sanitizers, inside Catch2.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "tests/os/skip.hpp"

#include <catch2/catch.hpp>

#include <iostream>
#include <vector>

namespace outrigger::os::test {

namespace {

std::vector<std::string>& skipped() {
  static std::vector<std::string> list;
  return list;
}

} // namespace

void skip(const std::string& reason) {
  skipped().push_back(Catch::getResultCapture().getCurrentTestName() + ": " +
                      reason);
  std::cout << "SKIPPED: " << skipped().back() << std::endl;
}

} // namespace outrigger::os::test

int main(int argc, char** argv) {
  using outrigger::os::test::skipped;
  if (const int failed = Catch::Session().run(argc, argv))
    return failed;
  if (skipped().empty())
    return 0;
  std::cout << skipped().size() << " tests were skipped:\n";
  for (const auto& line : skipped())
    std::cout << "  " << line << '\n';
  return 77;
}
