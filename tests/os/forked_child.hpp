// Code that must not run in the test's own process: it gives up rights, or
// changes the process in another way, for good.
#pragma once

#include <functional>

namespace outrigger::os::test {

/// Runs `body` in a forked child and returns what it returned (0…99), 100 if
/// it threw, 128 + signal if it died. The test's single thread forks.
int in_child(const std::function<int()>& body);

} // namespace outrigger::os::test
