#include "actors/os/passed_sockets.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>

namespace outrigger::os {

namespace {

/// More listeners than anybody wants; a larger number is a mistake.
constexpr int max_passed = 64;

std::optional<long> number_in(const char* text) {
  if (!text)
    return std::nullopt;
  const std::string_view digits{text};
  long value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size())
    return std::nullopt;
  return value;
}

std::vector<std::string> split(std::string_view names) {
  std::vector<std::string> list;
  for (;;) {
    const auto colon = names.find(':');
    list.emplace_back(names.substr(0, colon));
    if (colon == std::string_view::npos)
      return list;
    names.remove_prefix(colon + 1);
  }
}

result<int> socket_option(int fd, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(fd, SOL_SOCKET, option, &value, &size) != 0)
    return os_error();
  return value;
}

/// What is wrong with it; empty when nothing is.
passed_socket_error refusal(const passed_socket& passed) {
  const auto refuse = [&](std::error_code error, const std::string& why) {
    return passed_socket_error{error, "passed socket " +
                                          std::to_string(passed.fd.get()) +
                                          " (" + passed.name + "): " + why};
  };
  const auto domain = socket_option(passed.fd.get(), SO_DOMAIN);
  if (!domain)
    return refuse(domain.error(), domain.error() == os_error(EBADF)
                                      ? "no such descriptor"
                                      : "not a socket");
  if (*domain != AF_INET && *domain != AF_INET6 && *domain != AF_UNIX)
    return refuse(os_error(EAFNOSUPPORT), "neither TCP nor unix");
  const auto type = socket_option(passed.fd.get(), SO_TYPE);
  if (!type || *type != SOCK_STREAM)
    return refuse(os_error(ESOCKTNOSUPPORT), "not a stream socket");
  const auto listens = socket_option(passed.fd.get(), SO_ACCEPTCONN);
  if (!listens || *listens == 0)
    return refuse(os_error(EINVAL), "not a listening socket");
  return {};
}

std::string unix_address(const sockaddr_storage& any, socklen_t size) {
  const auto& address = reinterpret_cast<const sockaddr_un&>(any);
  const auto begin = offsetof(sockaddr_un, sun_path);
  std::string path{address.sun_path, size > begin ? size - begin : 0};
  if (!path.empty() && path.front() == '\0')
    path.front() = '@';
  else
    path.resize(path.find_last_not_of('\0') + 1); // the NUL behind a path
  return "unix:" + path;
}

std::string address_of(int fd) {
  sockaddr_storage any{};
  socklen_t size = sizeof any;
  char text[INET6_ADDRSTRLEN] = "";
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&any), &size) != 0)
    return {};
  if (any.ss_family == AF_UNIX)
    return unix_address(any, size);
  if (any.ss_family == AF_INET) {
    const auto& address = reinterpret_cast<const sockaddr_in&>(any);
    ::inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
    return std::string{text} + ":" + std::to_string(ntohs(address.sin_port));
  }
  const auto& address = reinterpret_cast<const sockaddr_in6&>(any);
  ::inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof text);
  return "[" + std::string{text} +
         "]:" + std::to_string(ntohs(address.sin6_port));
}

std::error_code prepare(int fd) {
  const int status = ::fcntl(fd, F_GETFL);
  if (status < 0 || ::fcntl(fd, F_SETFL, status | O_NONBLOCK) != 0 ||
      ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
    return os_error();
  return {};
}

} // namespace

void throw_exception_from_error(const passed_socket_error& error,
                                const boost::source_location& /*where*/) {
  throw std::system_error(error.error, error.what);
}

passed_sockets_result take_passed_sockets(const environment_lookup& variable,
                                          pid_t self, int first) {
  std::vector<passed_socket> taken;
  if (number_in(variable("LISTEN_PID")) != static_cast<long>(self))
    return taken;
  const auto count = number_in(variable("LISTEN_FDS"));
  if (!count || *count < 0 || *count > max_passed)
    return passed_socket_error{os_error(EINVAL),
                               "LISTEN_FDS is not a number up to " +
                                   std::to_string(max_passed)};
  const auto size = static_cast<std::size_t>(*count);
  std::vector<std::string> names(size, "unknown");
  if (const char* given = variable("LISTEN_FDNAMES"); given && *given)
    names = split(given);
  // All are ours from here on: those behind a bad one are closed too.
  for (std::size_t i = 0; i < size; ++i)
    taken.push_back({unique_fd{first + static_cast<int>(i)},
                     i < names.size() ? names[i] : "unknown",
                     {},
                     false});
  if (names.size() != size)
    return passed_socket_error{
        os_error(EINVAL), "LISTEN_FDNAMES has " + std::to_string(names.size()) +
                              " names for " + std::to_string(size) +
                              " sockets"};
  for (auto& passed : taken) {
    if (auto refused = refusal(passed); refused.error)
      return refused;
    if (auto error = prepare(passed.fd.get()))
      return passed_socket_error{error, "passed socket " +
                                            std::to_string(passed.fd.get()) +
                                            ": " + error.message()};
    passed.address = address_of(passed.fd.get());
    passed.is_unix = passed.address.starts_with("unix:");
  }
  return taken;
}

} // namespace outrigger::os
