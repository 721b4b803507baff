// The result type of this layer: a value or a std::error_code.
#pragma once

#include <boost/system/result.hpp>

#include <cerrno>
#include <system_error>

namespace outrigger::os {

template <class T>
using result = boost::system::result<T, std::error_code>;

/// An errno value as an error code; `errno` itself when none is given.
[[nodiscard]] inline std::error_code os_error(int value = errno) noexcept {
  return {value, std::generic_category()};
}

} // namespace outrigger::os
