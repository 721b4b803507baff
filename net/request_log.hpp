// Log lines about one request, or the socket it became: its id is a field of
// the line, as X-Request-Id and the access log tell it.

#pragma once

#include <string_view>
#include <utility>

#include <spdlog/spdlog.h>

#include "protocol/log_fields.hpp"

namespace outrigger {

/// As spdlog::log. Costs nothing when the level is not logged.
template <class... Args>
void log_about(std::string_view request_id, spdlog::level::level_enum level,
               fmt::format_string<Args...> message, Args&&... args) {
  if (spdlog::should_log(level))
    spdlog::log(level,
                with_fields(fmt::format(message, std::forward<Args>(args)...),
                            {{"request_id", request_id}}));
}

} // namespace outrigger
