#include "bench/nginx_process.hpp"

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/daemon_process.hpp"
#include "bench/socket.hpp"
#include "bench/source.hpp"

namespace outrigger::bench {
namespace {

using namespace std::chrono_literals;

constexpr const char* program = "/usr/sbin/nginx";

std::string configuration(const std::string& root, const std::string& directory,
                          std::uint16_t port) {
  // As root it would serve as somebody who may not see the files.
  const std::string user = ::geteuid() == 0 ? "user root;\n" : "";
  return user +
         "daemon off;\nworker_processes 1;\nerror_log stderr crit;\npid " +
         directory + "/nginx.pid;\nevents { worker_connections 1024; }\n" +
         "http {\n  access_log off;\n  sendfile on;\n  tcp_nopush on;\n" +
         "  keepalive_requests 1000000000;\n  etag on;\n" +
         "  client_body_temp_path " + directory + "/b;\n  proxy_temp_path " +
         directory + "/p;\n  fastcgi_temp_path " + directory +
         "/f;\n  uwsgi_temp_path " + directory + "/u;\n  scgi_temp_path " +
         directory +
         "/s;\n  server {\n    listen 127.0.0.1:" + std::to_string(port) +
         ";\n    root " + root + ";\n  }\n}\n";
}

bool answers(std::uint16_t port) {
  try {
    return connect_to(port).get() >= 0;
  } catch (const failure&) {
    return false;
  }
}

} // namespace

std::uint16_t free_port() {
  const owned_fd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd.get(), any, size) != 0 ||
      ::getsockname(fd.get(), any, &size) != 0)
    throw failure{"no free port"};
  return ntohs(address.sin_port);
}

nginx_process::nginx_process(const std::string& root,
                             const std::string& directory)
    : port_{free_port()} {
  const auto file = directory + "/nginx.conf";
  std::ofstream{file} << configuration(root, directory, port_);
  pid_ = ::vfork();
  if (pid_ == 0) {
    ::execl(program, program, "-c", file.c_str(), "-p", directory.c_str(),
            static_cast<char*>(nullptr));
    ::_exit(127);
  }
  for (int i = 0; i < 200 && !answers(port_); ++i) {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      throw failure{"nginx did not start: is it installed?"};
    }
    std::this_thread::sleep_for(10ms);
  }
}

nginx_process::~nginx_process() {
  if (pid_ <= 0)
    return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

double nginx_process::cpu() const {
  const auto own = std::to_string(pid_);
  std::ifstream children{"/proc/" + own + "/task/" + own + "/children"};
  auto total = cpu_of(pid_);
  for (pid_t child = 0; children >> child;)
    total += cpu_of(child);
  return total;
}

} // namespace outrigger::bench
