#include "actors/logging.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <fmt/chrono.h>
#include <spdlog/async.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "protocol/log_line.hpp"

namespace outrigger {
namespace {

/// Lines that may wait for stderr.
constexpr std::size_t queue_lines = 512;

/// What the logs are called; the first is spdlog's default.
constexpr const char* main_log = "outrigger";
constexpr const char* access_log = "access";

/// How long a stderr that nobody reads may hold up the end of the daemon.
constexpr std::chrono::milliseconds flush_patience{500};

/// Every line of every log, by protocol/log_line.
class line_formatter final : public spdlog::formatter {
public:
  explicit line_formatter(log_format format) : format_{format} {}

  void format(const spdlog::details::log_msg& msg,
              spdlog::memory_buf_t& out) override {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                        msg.time.time_since_epoch())
                        .count();
    const auto time = fmt::format(
        "{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
        fmt::gmtime(static_cast<std::time_t>(ms / 1000)), ms % 1000);
    const auto level = view(spdlog::level::to_string_view(msg.level));
    const auto logger = view(msg.logger_name);
    const bool main = logger == main_log;
    const auto line =
        format_ == log_format::json
            ? log_line_json(time, level, main ? "" : logger, view(msg.payload))
            : log_line_text(time, main ? level : logger, view(msg.payload));
    out.append(line.data(), line.data() + line.size());
    out.push_back('\n');
  }

  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<line_formatter>(format_);
  }

private:
  static std::string_view view(spdlog::string_view_t text) {
    return {text.data(), text.size()};
  }

  log_format format_;
};

} // namespace

void start_logging(const options& opts) {
  spdlog::init_thread_pool(queue_lines, 1);
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::async_logger>(
      main_log, sink, spdlog::thread_pool(),
      spdlog::async_overflow_policy::overrun_oldest);
  logger->set_formatter(std::make_unique<line_formatter>(opts.log));
  logger->set_level(spdlog::level::from_str(opts.log_level));
  spdlog::set_default_logger(std::move(logger));
}

std::function<void(const access_line&)> start_access_log(const options& opts) {
  const auto& sinks = spdlog::default_logger()->sinks();
  auto logger = std::make_shared<spdlog::async_logger>(
      access_log, sinks.begin(), sinks.end(), spdlog::thread_pool(),
      spdlog::async_overflow_policy::overrun_oldest);
  logger->set_level(spdlog::level::info); // whatever the other log shows
  const bool fields = opts.log == log_format::json;
  return [logger, fields](const access_line& line) {
    logger->info(fields ? to_payload(line) : to_text(line));
  };
}

std::size_t dropped_log_lines() {
  return spdlog::thread_pool()->overrun_counter();
}

bool stop_logging() {
  std::promise<void> written;
  auto done = written.get_future();
  std::thread{[written = std::move(written)]() mutable {
    spdlog::shutdown();
    written.set_value();
  }}.detach();
  return done.wait_for(flush_patience) == std::future_status::ready;
}

} // namespace outrigger
