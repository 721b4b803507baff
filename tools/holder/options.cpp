#include "tools/holder/options.hpp"

#include <charconv>
#include <string_view>

namespace outrigger::holder {

const char* const usage =
    "usage: outrigger-holder --socket PATH [options] [-- command args...]\n"
    "\n"
    "Keeps the session processes of an outrigger daemon: nothing dies with\n"
    "the daemon. Started by the daemon, or as the init of a container with\n"
    "the daemon's command behind --.\n"
    "\n"
    "  --socket PATH        control socket, in a directory of mode 0700, "
    "which\n"
    "                       is made if there is none\n"
    "  --listen-fd N        the socket's descriptor, listening already\n"
    "  --idle-exit SECONDS  exit after this long without sessions and daemon\n"
    "                       (default 60; not with a command)\n"
    "  --no-cgroups         do not make a cgroup per session\n"
    "  --log-format FORMAT  text or json (default text)\n"
    "  --help, --version\n";

namespace {

std::optional<int> to_number(std::string_view text) {
  int value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0)
    return std::nullopt;
  return value;
}

// Options with a value. False: unknown, or the value makes no sense.
bool apply(options& parsed, std::string_view name, const std::string& value) {
  const auto number = to_number(value);
  if (name == "--socket")
    parsed.socket = value;
  else if (name == "--listen-fd" && number)
    parsed.listen_fd = *number;
  else if (name == "--idle-exit" && number)
    parsed.idle_exit = std::chrono::seconds(*number);
  else if (name == "--log-format" && (value == "text" || value == "json"))
    parsed.log = value == "json" ? log_format::json : log_format::text;
  else
    return false;
  return true;
}

} // namespace

std::optional<options> parse_options(int argc, char** argv,
                                     std::string& error) {
  options parsed;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--") {
      parsed.command.assign(argv + i + 1, argv + argc);
      break;
    }
    if (name == "--help")
      parsed.help = true;
    else if (name == "--version")
      parsed.version = true;
    else if (name == "--no-cgroups")
      parsed.cgroups = false;
    else if (i + 1 >= argc || !apply(parsed, name, argv[i + 1])) {
      error = "bad option or value: " + std::string(name);
      return std::nullopt;
    } else
      ++i;
  }
  if (parsed.socket.empty() && !parsed.help && !parsed.version) {
    error = "--socket is missing";
    return std::nullopt;
  }
  return parsed;
}

} // namespace outrigger::holder
