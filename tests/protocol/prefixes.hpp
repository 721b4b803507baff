// Inputs cut short, which every parser must answer.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace outrigger::test {

/// Calls `check` with every proper prefix of `whole`. Each is a copy of
/// exactly its size, so that a sanitizer sees a read past the end.
template <class Check>
void for_each_prefix(std::string_view whole, Check check) {
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::string copy{whole.substr(0, size)};
    copy.shrink_to_fit();
    check(std::string_view{copy});
  }
}

} // namespace outrigger::test
