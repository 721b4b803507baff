#include "tests/os/holder_fixture.hpp"

#include "actors/os/listen_socket.hpp"

#include <catch2/catch.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace outrigger::os::test {

temporary_directory::temporary_directory(const std::string& parent)
    : path_(parent + "/outrigger-test-XXXXXX") {
  REQUIRE(::mkdtemp(path_.data()) != nullptr);
}

temporary_directory::~temporary_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

bool eventually(const std::function<bool()>& condition,
                std::chrono::milliseconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::yield();
  }
  return true;
}

// -- holder -------------------------------------------------------------------

running_holder::running_holder(std::vector<std::string> options,
                               std::vector<int> ignored, std::string socket)
    : socket_(directory_.path() + "/" + socket) {
  std::vector<std::string> words{HOLDER_PATH, "--socket", socket_};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> argv;
  for (auto& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    for (const int signo : ignored)
      ::signal(signo, SIG_IGN);
    ::setsid();
    ::execv(HOLDER_PATH, argv.data());
    ::_exit(126);
  }
  REQUIRE(eventually([this] { return holder_listening(socket_) || ended(); }));
}

running_holder::~running_holder() {
  if (ended())
    return;
  ::kill(pid_, SIGTERM);
  if (!eventually([this] { return ended().has_value(); }, 15s)) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

std::string running_holder::socket() const {
  return socket_;
}

const std::string& running_holder::directory() const noexcept {
  return directory_.path();
}

std::optional<int> running_holder::ended() {
  int status = 0;
  if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_)
    status_ = status;
  return status_;
}

std::size_t running_holder::open_fds() const {
  const std::filesystem::directory_iterator entries(
      "/proc/" + std::to_string(pid_) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

long running_holder::cpu_ticks() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
  std::string stat;
  std::getline(file, stat);
  long user = 0;
  long system = 0;
  std::sscanf(stat.c_str() + stat.rfind(')') + 1,
              " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user,
              &system);
  return user + system;
}

std::vector<pid_t> running_holder::children() const {
  std::vector<pid_t> list;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "stat");
    std::string stat;
    std::getline(file, stat);
    const auto close = stat.rfind(')');
    char state = 0;
    int parent = 0;
    if (close != std::string::npos &&
        std::sscanf(stat.c_str() + close + 1, " %c %d", &state, &parent) == 2 &&
        parent == pid_)
      list.push_back(std::atoi(entry.path().filename().c_str()));
  }
  return list;
}

// -- daemon -------------------------------------------------------------------

daemon_side::daemon_side(const std::string& socket)
    : client(std::make_unique<holder_client>(loop)) {
  const auto error = client->connect(socket);
  INFO("connect: " << error.message());
  REQUIRE(!error);
  client->on_exited([this](std::uint64_t key) { exited.push_back(key); });
  client->on_ended([this](std::uint64_t key) { ended.push_back(key); });
  client->on_lost([this](std::error_code why) { lost = why; });
}

bool daemon_side::run_until(const std::function<bool()>& condition,
                            std::chrono::milliseconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    loop.restart();
    loop.run_one_for(2ms);
  }
  return true;
}

spawn_result daemon_side::spawn(const spawn_request& request) {
  std::optional<spawn_result> answer;
  client->spawn(request,
                [&answer](spawn_result result) { answer = std::move(result); });
  REQUIRE(run_until([&] { return answer.has_value(); }));
  return std::move(*answer);
}

std::vector<std::unique_ptr<session>> daemon_side::list() {
  std::optional<list_result> answer;
  client->list([&answer](list_result result) { answer = std::move(result); });
  REQUIRE(run_until([&] { return answer.has_value(); }));
  REQUIRE(answer->has_value());
  return std::move(**answer);
}

std::error_code daemon_side::await(
    const std::function<void(holder_client::done_callback)>& start) {
  std::optional<std::error_code> answer;
  start([&answer](std::error_code error) { answer = error; });
  REQUIRE(run_until([&] { return answer.has_value(); }));
  return *answer;
}

std::error_code daemon_side::signal(std::uint64_t key, int signo) {
  return await([&](auto done) { client->signal(key, signo, done); });
}

std::error_code daemon_side::end(std::uint64_t key) {
  return await([&](auto done) { client->end(key, done); });
}

std::error_code daemon_side::forget(std::uint64_t key) {
  return await([&](auto done) { client->forget(key, done); });
}

std::error_code daemon_side::ping() {
  return await([&](auto done) { client->ping(done); });
}

std::optional<exit_status> daemon_side::exit_of(session& which) {
  run_until([&] { return which.exited().has_value(); });
  return which.exited();
}

bool daemon_side::shows(session& which, const std::string& text) {
  return run_until(
      [&] { return text_of(which.output()).find(text) != std::string::npos; });
}

// -- the rest -----------------------------------------------------------------

std::string text_of(const ring& output, std::uint64_t from) {
  std::string text;
  std::string chunk(output.capacity(), '\0');
  for (;;) {
    const auto slice = output.read(from, chunk);
    if (slice.size == 0)
      return text;
    text.append(chunk, 0, slice.size);
    from = slice.offset + slice.size;
  }
}

spawn_request shell(const std::string& script, session_kind kind) {
  spawn_request request;
  request.kind = kind;
  request.argv = {"sh", "-c", script};
  request.env = {"PATH=/usr/local/bin:/usr/bin:/bin", "TERM=xterm", "PS1=$ "};
  request.cwd = "/tmp";
  return request;
}

bool process_exists(pid_t pid) {
  return ::kill(pid, 0) == 0;
}

} // namespace outrigger::os::test
