// How soon a client hears of a change, from write(2) to the frame, against
// inotifywait from write(2) to its line; whether a burst arrives whole; and
// what it takes to watch 100,000 folders.

#include "bench/measure_files.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/daemon_process.hpp"
#include "bench/source.hpp"
#include "bench/websocket_client.hpp"

namespace outrigger::bench {
namespace {

using namespace std::chrono_literals;

constexpr const char* inotifywait = "inotifywait";
constexpr const char* ours = "outrigger";
constexpr auto patience = 30s;

/// A folder of the benchmark, removed with it.
class watched_folder {
public:
  watched_folder(const bench_settings& settings, const std::string& name)
      : path_{settings.directory + "/" + name} {
    std::filesystem::create_directories(path_);
  }
  watched_folder(const watched_folder&) = delete;
  watched_folder& operator=(const watched_folder&) = delete;
  ~watched_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

private:
  std::string path_;
};

/// Something that tells of changed files by their names.
class teller {
public:
  teller() = default;
  teller(const teller&) = delete;
  teller& operator=(const teller&) = delete;
  virtual ~teller() = default;
  [[nodiscard]] virtual int fd() const = 0;
  /// Reads what has come; returns how many lines or frames name `what`.
  virtual std::size_t hear(const std::string& what) = 0;

  /// Waits until it tells of `what`. Throws failure.
  void await(const std::string& what) {
    const auto end = steady::now() + patience;
    while (hear_ready(what) == 0)
      if (steady::now() > end)
        throw failure{"nothing was heard of " + what};
  }

private:
  std::size_t hear_ready(const std::string& what) {
    pollfd ready{fd(), POLLIN, 0};
    return ::poll(&ready, 1, 100) > 0 ? hear(what) : 0;
  }
};

class inotifywait_teller final : public teller {
public:
  explicit inotifywait_teller(const std::string& folder) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
      throw failure{"pipe"};
    out_ = owned_fd{ends[0]};
    const owned_fd in{ends[1]};
    pid_ = ::vfork();
    if (pid_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::execlp("inotifywait", "inotifywait", "-m", "-q", "-r", "-e",
               "close_write,create,modify", "--format", "%f", folder.c_str(),
               static_cast<char*>(nullptr));
      ::_exit(127);
    }
  }
  ~inotifywait_teller() override {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] int fd() const override { return out_.get(); }
  std::size_t hear(const std::string& what) override {
    std::array<char, 65536> bytes;
    const auto got = ::read(fd(), bytes.data(), bytes.size());
    if (got <= 0)
      throw failure{"inotifywait ended: is it installed?"};
    return std::string_view{bytes.data(), static_cast<std::size_t>(got)}.find(
               what) != std::string_view::npos;
  }

private:
  owned_fd out_;
  pid_t pid_ = -1;
};

class daemon_teller final : public teller {
public:
  daemon_teller(daemon_process& daemon, const std::string& folder)
      : socket_{daemon.port(), daemon.socket_target("attach=none")} {
    socket_.on_text = [this](std::string_view text) {
      if (wanted_ && text.find("\"change\"") != text.npos &&
          text.find(*wanted_) != text.npos)
        ++heard_;
      if (text.find("\"ready\"") != text.npos)
        ready_ = true;
    };
    const auto begin = steady::now();
    daemon.rest().call("POST", "/watchers",
                       "{\"path\":\"" + folder + "\",\"excludes\":[]}");
    while (!ready_ && steady::now() < begin + 600s)
      take();
    ready_after_ = seconds(steady::now() - begin);
    if (!ready_)
      throw failure{"the watcher did not become ready"};
  }
  [[nodiscard]] int fd() const override { return socket_.fd(); }
  [[nodiscard]] double ready_after() const { return ready_after_; }
  std::size_t hear(const std::string& what) override {
    wanted_ = &what;
    heard_ = 0;
    take();
    wanted_ = nullptr;
    return heard_;
  }

private:
  void take() {
    pollfd ready{fd(), POLLIN, 0};
    if (::poll(&ready, 1, 1000) > 0 &&
        !socket_.receive([](auto, auto) {}, read_size))
      throw failure{"the daemon closed the socket"};
  }

  websocket_client socket_;
  const std::string* wanted_ = nullptr;
  std::size_t heard_ = 0;
  bool ready_ = false;
  double ready_after_ = 0;
};

/// One file after another, each told of before the next is written.
std::vector<double> latencies(teller& who, const std::string& folder,
                              const std::string& prefix, int count) {
  std::vector<double> out;
  for (int i = 0; i < count; ++i) {
    const auto name = prefix + std::to_string(i) + "_";
    const auto path = folder + "/" + name;
    const owned_fd file{
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
    const auto begin = steady::now();
    if (::write(file.get(), "x", 1) != 1)
      throw failure{"write " + path};
    who.await(name);
    out.push_back(microseconds(steady::now() - begin));
  }
  return out;
}

/// As many files at once; returns how many of them were told of.
double burst(teller& who, const std::string& folder, const std::string& prefix,
             int count) {
  std::thread writer{[&] {
    for (int i = 0; i < count; ++i) {
      const auto path = folder + "/" + prefix + std::to_string(i) + "_";
      const owned_fd file{
          ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
    }
  }};
  double heard = 0;
  const auto end = steady::now() + patience;
  while (heard < count && steady::now() < end)
    heard += static_cast<double>(who.hear(prefix));
  writer.join();
  return heard;
}

void add_latencies(report& out, const char* subject,
                   const std::vector<double>& times) {
  out.add("change to client, p50", subject, "us", percentile(times, 0.5),
          inotifywait);
  out.add("change to client, p99", subject, "us", percentile(times, 0.99),
          inotifywait);
}

} // namespace

void measure_events(const bench_settings& settings, report& out) {
  const int count = settings.quick ? 200 : 1000;
  const int many = settings.quick ? 1000 : 5000;
  daemon_process daemon{
      settings.daemon, settings.directory, {"--root", settings.directory}};
  const watched_folder ours_folder{settings, "ours"};
  const watched_folder theirs{settings, "theirs"};
  inotifywait_teller reference{theirs.path()};
  daemon_teller subject{daemon, ours_folder.path()};
  std::this_thread::sleep_for(500ms); // inotifywait does not say when it begins
  for (int round = 0; round < settings.rounds; ++round) {
    const auto prefix = "r" + std::to_string(round) + "_";
    add_latencies(out, inotifywait,
                  latencies(reference, theirs.path(), prefix, count));
    add_latencies(out, ours,
                  latencies(subject, ours_folder.path(), prefix, count));
    out.add("burst of creates that arrived", ours, "%",
            100 *
                burst(subject, ours_folder.path(),
                      "b" + std::to_string(round) + "_", many) /
                many);
  }
}

void measure_large_watch(const bench_settings& settings, report& out) {
  const int outer = settings.quick ? 100 : 1000;
  constexpr int inner = 99; // with the outer ones 100,000
  const watched_folder tree{settings, "large"};
  for (int i = 0; i < outer; ++i)
    for (int j = 0; j < inner; ++j)
      std::filesystem::create_directories(tree.path() + "/folder" +
                                          std::to_string(i) + "/inner" +
                                          std::to_string(j));
  const auto folders = static_cast<double>(outer) * (inner + 1);
  for (int round = 0; round < settings.rounds; ++round) {
    daemon_process daemon{
        settings.daemon, settings.directory, {"--root", tree.path()}};
    const auto before = memory_of(daemon.pid());
    const daemon_teller subject{daemon, tree.path()};
    out.add("watching a large tree, ready after", ours, "s",
            subject.ready_after());
    out.add("watching a large tree, folders", ours, "", folders);
    out.add("watching a large tree, memory of the daemon", ours, "MiB",
            (memory_of(daemon.pid()) - before) / (1024 * 1024));
    out.add("watching a large tree, for each folder", ours, "bytes",
            (memory_of(daemon.pid()) - before) / folders);
  }
}

} // namespace outrigger::bench
