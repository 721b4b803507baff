// What really reaches stderr: both logs, in both formats.

#include "actors/logging.hpp"

#include <array>
#include <cstdio>
#include <optional>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <spdlog/spdlog.h>

#include "actors/os/unique_fd.hpp"
#include "protocol/log_fields.hpp"

namespace outrigger {
namespace {

/// Catches stderr while it lives, and gives the other tests their log back.
class captured_stderr {
public:
  captured_stderr()
      : before_{spdlog::default_logger()}, real_{::dup(STDERR_FILENO)},
        file_{::memfd_create("stderr", MFD_CLOEXEC)} {
    REQUIRE(::dup2(file_.get(), STDERR_FILENO) >= 0);
  }
  ~captured_stderr() {
    give_back();
    spdlog::set_default_logger(before_);
  }
  captured_stderr(const captured_stderr&) = delete;
  captured_stderr& operator=(const captured_stderr&) = delete;

  /// The lines written, without their times.
  std::vector<std::string> lines() {
    give_back();
    std::string text;
    std::array<char, 4096> part{};
    ::lseek(file_.get(), 0, SEEK_SET);
    for (ssize_t got = 0;
         (got = ::read(file_.get(), part.data(), part.size())) > 0;)
      text.append(part.data(), static_cast<std::size_t>(got));
    std::vector<std::string> all;
    for (std::size_t at = 0, end = 0; at < text.size(); at = end + 1) {
      end = std::min(text.find('\n', at), text.size());
      all.push_back(text.substr(at, end - at));
    }
    return all;
  }

private:
  void give_back() {
    if (real_)
      ::dup2(real_.get(), STDERR_FILENO);
    real_.reset();
  }

  std::shared_ptr<spdlog::logger> before_;
  os::unique_fd real_;
  os::unique_fd file_;
};

options logging_options(log_format format) {
  options opts;
  opts.log = format;
  opts.log_level = "warn";
  return opts;
}

access_line sample() {
  access_line line;
  line.request_id = "00000000002a";
  line.method = "GET";
  line.path = "/terminals/{}"; // no format string
  line.status = 200;
  line.remote = "127.0.0.1";
  line.who = "owner";
  return line;
}

std::vector<std::string> logged(log_format format) {
  captured_stderr err;
  const auto opts = logging_options(format);
  start_logging(opts);
  {
    const auto access = start_access_log(opts);
    spdlog::info("not shown");
    spdlog::warn(with_fields("http: odd", {{"request_id", "2a"}}));
    access(sample());
  }
  REQUIRE(stop_logging());
  return err.lines();
}

constexpr std::size_t time_size = 24; // "2026-01-31T12:00:00.123Z"

} // namespace

TEST_CASE("both logs are written as text") {
  const auto lines = logged(log_format::text);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].substr(time_size) == " warning  http: odd, request_id 2a");
  CHECK(lines[1].substr(time_size) ==
        " access   GET /terminals/{} 200 0.0 ms 0 B from 127.0.0.1 as owner, "
        "id 00000000002a");
}

TEST_CASE("both logs are written as JSON, with their fields") {
  const auto lines = logged(log_format::json);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find(R"("level":"warning","message":"http: odd",)"
                      R"("request_id":"2a"})") != std::string::npos);
  CHECK(lines[1].find(R"("level":"info","logger":"access",)"
                      R"("message":"GET /terminals/{} 200",)"
                      R"("request_id":"00000000002a","protocol":"http")") !=
        std::string::npos);
}

} // namespace outrigger
