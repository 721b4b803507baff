#include "bench/measure.hpp"

namespace outrigger::bench {

command lines_once(const bench_settings& settings) {
  return {"sh", "-c",
          "stty -echo; printf READY; read x; exec cat " + settings.lines};
}

command lines_for_ever(const bench_settings& settings) {
  return {"sh", "-c",
          "stty -echo; printf READY; read x; while cat " + settings.lines +
              "; do :; done"};
}

command yes_for_ever() {
  return {"sh", "-c", "stty -echo; printf READY; read x; exec yes"};
}

command echoing() {
  return {"sh", "-c", "printf READY; exec cat > /dev/null"};
}

} // namespace outrigger::bench
