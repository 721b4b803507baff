#include "bench/daemon_process.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "bench/source.hpp"
#include "bench/websocket_client.hpp"

namespace outrigger::bench {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string content_of(const fs::path& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace

double cpu_of(pid_t pid) {
  // schedstat counts nanoseconds where stat counts hundredths of a second.
  double total = 0;
  std::error_code ec;
  const auto tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& task : fs::directory_iterator{tasks, ec})
    total +=
        std::strtod(content_of(task.path() / "schedstat").c_str(), nullptr);
  return total / 1e9;
}

double memory_of(pid_t pid, std::string_view part) {
  const auto status = content_of("/proc/" + std::to_string(pid) + "/status");
  const auto at = status.find('\n' + std::string{part} + ':');
  if (at == std::string::npos)
    return 0;
  return std::strtod(status.c_str() + at + part.size() + 2, nullptr) * 1024;
}

// -- REST ---------------------------------------------------------------------

std::string rest_client::call(std::string_view method, std::string_view target,
                              std::string_view body) {
  send(method, target, body);
  return read_answer();
}

void rest_client::send(std::string_view method, std::string_view target,
                       std::string_view body) {
  std::string request{method};
  request.append(" ").append(target).append(" HTTP/1.1\r\n");
  request += "Host: 127.0.0.1:" + std::to_string(port_) +
             "\r\nAuthorization: Bearer " + token_ +
             "\r\nContent-Type: application/json\r\nContent-Length: " +
             std::to_string(body.size()) + "\r\n\r\n";
  request += body;
  if (fd_.get() < 0)
    fd_ = connect_to(port_);
  send_all(fd_.get(), request);
}

std::string rest_client::read_answer() {
  std::size_t whole = std::string::npos;
  for (;;) {
    const auto end = received_.find("\r\n\r\n");
    if (end != std::string::npos) {
      const auto at = received_.find("Content-Length: ");
      const auto size =
          at < end ? std::strtoul(received_.c_str() + at + 16, nullptr, 10) : 0;
      whole = end + 4 + size;
    }
    if (received_.size() >= whole && whole != std::string::npos)
      break;
    char chunk[4096];
    const auto got = ::recv(fd_.get(), chunk, sizeof chunk, 0);
    if (got <= 0)
      throw failure{"the daemon closed a REST connection"};
    received_.append(chunk, static_cast<std::size_t>(got));
  }
  auto answer = received_.substr(0, whole);
  received_.erase(0, whole);
  if (answer.rfind("HTTP/1.1 2", 0) != 0)
    throw failure{"the daemon answered " + answer};
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

std::string terminal_request(const std::vector<std::string>& command) {
  std::string json = "{\"cmd\":[";
  for (const auto& argument : command) {
    json += &argument == &command.front() ? "\"" : ",\"";
    for (const char c : argument) {
      if (c == '"' || c == '\\')
        json += '\\';
      json += c;
    }
    json += '"';
  }
  return json + "],\"cols\":80,\"rows\":24}";
}

// -- the process --------------------------------------------------------------

daemon_process::daemon_process(const std::string& program,
                               const std::string& parent,
                               std::vector<std::string> arguments)
    : program_{program}, arguments_{std::move(arguments)} {
  auto pattern = parent + "/daemon-XXXXXX";
  if (!::mkdtemp(pattern.data()))
    throw failure{"mkdtemp: " + std::string{std::strerror(errno)}};
  directory_ = pattern;
  start();
}

daemon_process::~daemon_process() {
  try {
    remove_all();
  } catch (const failure&) { // it is going away anyway
  }
  const auto holder = find_holder();
  stop(SIGTERM);
  if (holder > 0) {
    ::kill(holder, SIGTERM);
    for (int i = 0; i < 200 && ::kill(holder, 0) == 0; ++i)
      std::this_thread::sleep_for(10ms);
    ::kill(holder, SIGKILL);
  }
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

void daemon_process::start() {
  std::vector<std::string> command{program_,        "serve",
                                   "--listen",      "127.0.0.1:0",
                                   "--state-dir",   directory_ + "/state",
                                   "--runtime-dir", directory_ + "/run",
                                   "--log-level",   "warn"};
  if (std::find(arguments_.begin(), arguments_.end(), "--root") ==
      arguments_.end())
    command.insert(command.end(), {"--root", directory_});
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  std::vector<char*> argv;
  for (auto& argument : command)
    argv.push_back(argument.data());
  argv.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw failure{"pipe: " + std::string{std::strerror(errno)}};
  owned_fd out{ends[0]};
  owned_fd in{ends[1]};
  const auto log = directory_ + "/log";
  const owned_fd errors{
      ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  pid_ = ::vfork();
  if (pid_ == 0) {
    ::dup2(errors.get(), STDERR_FILENO);
    ::dup2(ends[1], STDOUT_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  in.reset();
  read_console_lines(out.get());
}

void daemon_process::read_console_lines(int fd) {
  std::string text;
  while (std::count(text.begin(), text.end(), '\n') < 2) {
    char chunk[512];
    const auto got = ::read(fd, chunk, sizeof chunk);
    if (got <= 0)
      throw failure{program_ +
                    " did not start: " + content_of(directory_ + "/log")};
    text.append(chunk, static_cast<std::size_t>(got));
  }
  const auto colon = text.rfind(':', text.find('\n'));
  std::from_chars(text.data() + colon + 1, text.data() + text.size(), port_);
  const auto at = text.find("token=") + 6;
  token_ = text.substr(at, text.find('\n', at) - at);
}

void daemon_process::stop(int signal) {
  if (pid_ <= 0)
    return;
  ::kill(pid_, signal);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

pid_t daemon_process::holder() {
  if (holder_ <= 0)
    holder_ = find_holder();
  return holder_;
}

/// The holder is nobody's child: its socket's path is what tells it.
pid_t daemon_process::find_holder() const {
  for (const auto& entry : fs::directory_iterator{"/proc"}) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos)
      continue;
    const auto line = content_of(entry.path() / "cmdline");
    if (line.find("outrigger-holder") != std::string::npos &&
        line.find(directory_) != std::string::npos)
      return static_cast<pid_t>(std::atoi(name.c_str()));
  }
  return -1;
}

// -- terminals ----------------------------------------------------------------

std::uint8_t daemon_process::create(const std::vector<std::string>& command) {
  const auto answer =
      rest().call("POST", "/terminals", terminal_request(command));
  const auto at = answer.find("\"id\":\"") + 6;
  const auto id = static_cast<std::uint8_t>(
      std::atoi(answer.c_str() + std::min(at, answer.size())));
  if (id == 0)
    throw failure{"no terminal id in " + answer};
  terminals_.push_back(id);
  return id;
}

void daemon_process::remove(std::uint8_t id) {
  rest().call("DELETE", "/terminals/" + std::to_string(id));
  std::erase(terminals_, id);
}

void daemon_process::remove_all() {
  while (!terminals_.empty())
    remove(terminals_.back());
}

std::string daemon_process::socket_target(std::string_view query) const {
  std::string target = "/ws?token=" + token_;
  if (!query.empty())
    target.append("&").append(query);
  return target;
}

} // namespace outrigger::bench
