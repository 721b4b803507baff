// Log lines about one request, or the socket it became: its id is a field of
// the line, as X-Request-Id and the access log tell it.

#pragma once

#include <string_view>
#include <utility>

#include <spdlog/spdlog.h>

#include "protocol/log_fields.hpp"

namespace outrigger {

/// As spdlog's functions. They cost nothing when the level is not logged.
template <class... Args>
void log_about(std::string_view request_id, spdlog::level::level_enum level,
               fmt::format_string<Args...> message, Args&&... args) {
  if (spdlog::should_log(level))
    spdlog::log(level,
                with_fields(fmt::format(message, std::forward<Args>(args)...),
                            {{"request_id", request_id}}));
}

template <class... Args>
void log_debug(std::string_view request_id, fmt::format_string<Args...> message,
               Args&&... args) {
  log_about(request_id, spdlog::level::debug, message,
            std::forward<Args>(args)...);
}

template <class... Args>
void log_info(std::string_view request_id, fmt::format_string<Args...> message,
              Args&&... args) {
  log_about(request_id, spdlog::level::info, message,
            std::forward<Args>(args)...);
}

template <class... Args>
void log_warn(std::string_view request_id, fmt::format_string<Args...> message,
              Args&&... args) {
  log_about(request_id, spdlog::level::warn, message,
            std::forward<Args>(args)...);
}

} // namespace outrigger
