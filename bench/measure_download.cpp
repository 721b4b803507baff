// A file of 1 GiB in the page cache, and many small ones, against nginx on the
// same files.

#include "bench/measure_files.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <vector>

#include <sys/socket.h>

#include "bench/daemon_process.hpp"
#include "bench/http_client.hpp"
#include "bench/nginx_process.hpp"
#include "bench/socket.hpp"
#include "bench/source.hpp"

namespace outrigger::bench {
namespace {

constexpr const char* nginx = "nginx";
constexpr const char* ours = "outrigger";

/// A folder that is served by both.
class served_folder {
public:
  explicit served_folder(const bench_settings& settings)
      : path_{settings.directory + "/files"} {
    std::filesystem::create_directories(path_);
    std::filesystem::create_directories(settings.directory + "/nginx");
  }
  served_folder(const served_folder&) = delete;
  served_folder& operator=(const served_folder&) = delete;
  ~served_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

  void add(const std::string& name, std::size_t size) const {
    std::string block(1024 * 1024, '\0');
    for (std::size_t i = 0; i < block.size(); ++i)
      block[i] = static_cast<char>(i * 2654435761u >> 13);
    std::ofstream out{path_ + "/" + name, std::ios::binary};
    for (std::size_t left = size; left > 0;) {
      const auto part = std::min(left, block.size());
      out.write(block.data(), static_cast<std::streamsize>(part));
      left -= part;
    }
  }

private:
  std::string path_;
};

/// Reads a whole answer; returns seconds.
double download(std::uint16_t port, const std::string& target,
                const std::string& token, std::size_t size) {
  const auto fd = connect_to(port);
  const auto begin = steady::now();
  std::string request = "GET " + target +
                        " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                        "\r\n";
  if (!token.empty())
    request += "Authorization: Bearer " + token + "\r\n";
  send_all(fd.get(), request + "\r\n");
  static std::vector<char> buffer(1024 * 1024);
  std::string head;
  std::size_t body = 0;
  bool in_body = false;
  while (!in_body || body < size) {
    const auto got = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
    if (got <= 0)
      throw failure{"a download ended after " + std::to_string(body) +
                    " bytes"};
    if (in_body) {
      body += static_cast<std::size_t>(got);
      continue;
    }
    head.append(buffer.data(), static_cast<std::size_t>(got));
    const auto end = head.find("\r\n\r\n");
    if (end == std::string::npos)
      continue;
    if (!head.starts_with("HTTP/1.1 200"))
      throw failure{"a server answered " + head.substr(0, end)};
    in_body = true;
    body = head.size() - end - 4;
  }
  return seconds(steady::now() - begin);
}

} // namespace

void measure_download(const bench_settings& settings, report& out) {
  const std::size_t size =
      settings.quick ? std::size_t{256} << 20 : std::size_t{1} << 30;
  const served_folder files{settings};
  files.add("large", size);
  daemon_process daemon{
      settings.daemon, settings.directory, {"--root", files.path()}};
  const nginx_process reference{files.path(), settings.directory + "/nginx"};
  const auto megabytes = static_cast<double>(size) / 1e6;
  const std::string metric = "download, one connection";
  const auto once = [&](const char* subject, std::uint16_t port,
                        const std::string& target, const std::string& token,
                        const std::function<double()>& cpu) {
    const auto before = cpu();
    const auto time = download(port, target, token, size);
    out.add(metric, subject, "MB/s", megabytes / time, nginx);
    out.add(metric + ", CPU", subject, "s/GB",
            (cpu() - before) / (megabytes / 1e3), nginx);
  };
  for (int round = 0; round < settings.rounds; ++round) {
    once(nginx, reference.port(), "/large", {},
         [&] { return reference.cpu(); });
    once(ours, daemon.port(), "/api/v1/files/large?raw=true", daemon.token(),
         [&] { return cpu_of(daemon.pid()); });
  }
  out.add("memory after downloads", ours, "MiB",
          memory_of(daemon.pid(), "VmHWM") / (1024 * 1024));
}

void measure_reads(const bench_settings& settings, report& out) {
  const served_folder files{settings};
  files.add("small", 4096);
  daemon_process daemon{settings.daemon,
                        settings.directory,
                        {"--root", files.path(), "--max-requests", "1000000"}};
  const nginx_process reference{files.path(), settings.directory + "/nginx"};
  const std::chrono::duration<double> time{settings.quick ? 0.5 : 1};
  for (int round = 0; round < settings.rounds; ++round)
    for (const std::size_t connections : {1u, 8u}) {
      const auto metric =
          "reads of 4 KiB, " + std::to_string(connections) + " connections";
      const auto ask = [&](const char* subject, std::uint16_t port,
                           const std::string& target) {
        const auto done = ask_repeatedly({port, target, connections, time});
        out.add(metric, subject, "1/s", done.per_second(), nginx);
        out.add(metric + ", p50", subject, "us",
                percentile(done.latency_us, 0.5), nginx);
      };
      ask(nginx, reference.port(), "/small");
      ask(ours, daemon.port(),
          "/api/v1/files/small?raw=true&token=" + daemon.token());
    }
}

} // namespace outrigger::bench
