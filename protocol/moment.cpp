// The one place of protocol/ that looks at a clock, so that everything else
// is handed the time.

#include "protocol/access.hpp"

namespace outrigger {

moment moment::now() {
  return {std::chrono::duration_cast<std::chrono::seconds>(
              std::chrono::system_clock::now().time_since_epoch())
              .count(),
          std::chrono::steady_clock::now()};
}

} // namespace outrigger
