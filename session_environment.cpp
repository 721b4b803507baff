#include "session_environment.hpp"

#include <algorithm>
#include <string_view>

#include <unistd.h>

#include "actors/os/service_environment.hpp"

namespace outrigger {
namespace {

bool is_for_the_daemon(std::string_view setting) {
  const auto name = setting.substr(0, setting.find('='));
  return name.starts_with("OUTRIGGER_") ||
         std::find(os::service_variables.begin(), os::service_variables.end(),
                   name) != os::service_variables.end();
}

} // namespace

std::vector<std::string> session_environment() {
  std::vector<std::string> all;
  bool has_locale = false;
  for (char** setting = environ; *setting; ++setting) {
    const std::string_view text{*setting};
    if (is_for_the_daemon(text))
      continue;
    has_locale =
        has_locale || text.starts_with("LANG=") || text.starts_with("LC_ALL=");
    all.emplace_back(text);
  }
  if (!has_locale)
    all.emplace_back("LANG=C.UTF-8"); // or no program would print UTF-8
  all.emplace_back("TERM=xterm-256color");
  all.emplace_back("COLORTERM=truecolor");
  return all;
}

} // namespace outrigger
