// Trees deeper than any path reaches.
#pragma once

#include <cstddef>
#include <string>

namespace outrigger::os::test {

/// Makes that many folders in each other, "d" in "d", and a file in each.
void make_deep(const std::string& path, std::size_t depth);
/// How deep they go.
std::size_t depth_of(const std::string& path);
/// For a child: at most so many descriptors from now on.
bool limit_descriptors(std::size_t most);

} // namespace outrigger::os::test
