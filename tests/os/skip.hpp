// Tests of what not every kernel has. A test that cannot be run says so: a
// line at once, the list at the end, and status 77, which ctest shows as
// "Skipped".
#pragma once

#include <string>

namespace outrigger::os::test {

/// Notes that the current test case is not run to its end, and why.
void skip(const std::string& reason);

} // namespace outrigger::os::test
