#include "actors/metrics.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <utility>

#include <prometheus/text_serializer.h>

#include "protocol/frame.hpp"
#include "protocol/routes.hpp"

namespace outrigger {
namespace {

using labels = std::vector<prometheus::ClientMetric::Label>;
using prometheus::MetricType;

template <class Number>
double number(Number value) {
  return static_cast<double>(value);
}

template <class Rep, class Period>
double seconds(std::chrono::duration<Rep, Period> time) {
  return std::chrono::duration<double>(time).count();
}

/// The families of one answer, in the order they were begun.
class page {
public:
  /// Begins a family; what is added next belongs to it.
  page& family(MetricType type, std::string name, std::string help) {
    families_.push_back({std::move(name), std::move(help), type, {}});
    return *this;
  }
  page& counter(std::string name, std::string help) {
    return family(MetricType::Counter, std::move(name), std::move(help));
  }
  page& gauge(std::string name, std::string help) {
    return family(MetricType::Gauge, std::move(name), std::move(help));
  }
  page& histogram(std::string name, std::string help) {
    return family(MetricType::Histogram, std::move(name), std::move(help));
  }

  page& add(double value, labels with = {}) {
    auto& metric = series(std::move(with));
    metric.counter.value = value; // the family's type says which one counts
    metric.gauge.value = value;
    return *this;
  }
  template <std::integral T>
  page& add(T value, labels with = {}) {
    return add(number(value), std::move(with));
  }
  template <class T>
  page& add(const std::optional<T>& value) {
    return value ? add(*value) : *this;
  }

  page& add(const duration_histogram& times, labels with) {
    auto& to = series(std::move(with)).histogram;
    for (std::size_t i = 0; i < times.bounds.size(); ++i) {
      to.sample_count += times.counts[i];
      to.bucket.push_back({to.sample_count, times.bounds[i]});
    }
    to.sample_count += times.counts.back();
    to.sample_sum = times.sum;
    return *this;
  }

  /// The text. Families without a series are left out.
  [[nodiscard]] std::string text() {
    std::erase_if(families_, [](const auto& f) { return f.metric.empty(); });
    return prometheus::TextSerializer{}.Serialize(families_);
  }

private:
  prometheus::ClientMetric& series(labels with) {
    auto& metric = families_.back().metric.emplace_back();
    metric.label = std::move(with);
    return metric;
  }

  std::vector<prometheus::MetricFamily> families_;
};

// -- the edge -----------------------------------------------------------------

void add_connections(page& out, const edge_meters& edge) {
  out.gauge("outrigger_connections", "Open connections by kind.")
      .add(edge.http_connections, {{"kind", "http"}})
      .add(edge.websockets, {{"kind", "websocket"}});
  out.gauge("outrigger_connections_unauthenticated",
            "Open connections that have shown no credential yet.")
      .add(edge.unauthenticated);
  out.gauge("outrigger_queued_bytes",
            "Bytes waiting: out for sockets to take them, in to be consumed.")
      .add(edge.queued_out, {{"direction", "out"}})
      .add(edge.queued_in, {{"direction", "in"}});
  out.counter("outrigger_connections_accepted_total", "Connections accepted.")
      .add(edge.accepted);
  out.counter("outrigger_connections_evicted_total",
              "Connections without a credential dropped for newer ones.")
      .add(edge.evicted);
  out.counter("outrigger_connections_shed_total",
              "Connections closed unserved for want of file descriptors.")
      .add(edge.shed);
  out.counter("outrigger_slow_readers_closed_total",
              "Connections closed because overload needed their memory.")
      .add(edge.slow_closed);
  out.counter("outrigger_accept_errors_total",
              "Failed attempts to accept a connection.")
      .add(edge.accept_errors);
}

void add_denials(page& out, const edge_meters& edge) {
  const auto count = [&edge](denial why) {
    return edge.denied[static_cast<std::size_t>(why)];
  };
  out.counter("outrigger_auth_failures_total",
              "Requests refused for their credential: none, a wrong one, or "
              "one without the scope.")
      .add(count(denial::missing), {{"reason", "missing"}})
      .add(count(denial::invalid), {{"reason", "invalid"}})
      .add(count(denial::scope), {{"reason", "scope"}});
  out.counter("outrigger_requests_refused_total",
              "Requests refused for another reason than their credential.")
      .add(count(denial::host), {{"reason", "host"}})
      .add(count(denial::origin), {{"reason", "origin"}})
      .add(count(denial::malformed), {{"reason", "malformed"}})
      .add(count(denial::throttled), {{"reason", "throttled"}})
      .add(count(denial::overload), {{"reason", "overload"}});
  static_assert(denial_count == 8, "a new reason needs a series");
}

/// A route by its pattern: a path may hold anything.
labels route_labels(const route* which) {
  return {{"route", std::string{which ? which->pattern : "none"}},
          {"method", std::string{which ? which->method : "other"}}};
}

void add_requests(page& out, const edge_meters& edge) {
  out.counter("outrigger_http_requests_total",
              "Requests answered, by route pattern, its method, and status.");
  for (const auto& [key, count] : edge.answers) {
    auto with = route_labels(key.first);
    with.push_back({"status", std::to_string(key.second)});
    out.add(count, std::move(with));
  }
  out.histogram("outrigger_http_request_duration_seconds",
                "From a request's header to its answer.");
  for (const auto& [which, times] : edge.durations)
    out.add(times, route_labels(which));
}

/// Peers choose close codes as they like: those that RFC 6455 defines and
/// those sent here have a series, the rest share one.
std::string code_label(std::uint16_t code) {
  const bool known =
      (code >= 1000 && code <= 1015) ||
      code == static_cast<std::uint16_t>(close_code::unauthorized);
  return known ? std::to_string(code) : "other";
}

void add_sockets(page& out, const edge_meters& edge) {
  out.counter("outrigger_websocket_messages_total", "WebSocket messages.")
      .add(edge.messages_in, {{"direction", "in"}})
      .add(edge.messages_out, {{"direction", "out"}});
  out.counter("outrigger_websocket_bytes_total",
              "Bytes of WebSocket messages, before compression.")
      .add(edge.bytes_in, {{"direction", "in"}})
      .add(edge.bytes_out, {{"direction", "out"}});
  std::map<std::string, std::uint64_t> closed;
  for (const auto& [code, count] : edge.closed)
    closed[code_label(code)] += count;
  out.counter("outrigger_websockets_closed_total",
              "WebSockets closed, by close code; 1006 without a close frame.");
  for (const auto& [code, count] : closed)
    out.add(count, {{"code", code}});
}

// -- terminals ----------------------------------------------------------------

void add_terminals(page& out, const terminal_meters& counted) {
  out.counter("outrigger_terminal_output_bytes_total",
              "Bytes of output given to viewers.")
      .add(counted.output_bytes);
  out.counter("outrigger_terminal_input_bytes_total",
              "Bytes of input taken by programs' terminals.")
      .add(counted.input_bytes);
  out.counter("outrigger_terminal_dropped_bytes_total",
              "Bytes of output skipped for viewers that were left behind or "
              "away for too long.")
      .add(counted.dropped_bytes);
  out.counter("outrigger_terminal_gaps_total",
              "How often a viewer was told that output was skipped.")
      .add(counted.gaps);
  out.counter("outrigger_terminal_pauses_total",
              "How often a program began to wait for a viewer.")
      .add(counted.pauses);
  out.counter("outrigger_terminal_viewers_left_behind_total",
              "How often programs stopped waiting for a viewer.")
      .add(counted.left_behind);
}

std::uint64_t longest(const viewer_lags& of) {
  std::uint64_t most = 0;
  for (const auto& viewer : of.viewers)
    most = std::max(most, viewer.bytes);
  return most;
}

/// The laggiest viewers of all terminals.
std::vector<std::pair<std::uint8_t, viewer_lag>>
laggiest(const std::vector<viewer_lags>& lags) {
  std::vector<std::pair<std::uint8_t, viewer_lag>> all;
  for (const auto& terminal : lags)
    for (const auto& viewer : terminal.viewers)
      all.emplace_back(terminal.id, viewer);
  const auto kept = std::min(all.size(), max_viewer_series);
  std::partial_sort(all.begin(),
                    all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(),
                    [](const auto& a, const auto& b) {
                      return std::pair{b.second.bytes, a.second.who} <
                             std::pair{a.second.bytes, b.second.who};
                    });
  all.resize(kept);
  return all;
}

void add_viewers(page& out, const metrics_snapshot& now) {
  const auto label = [](std::uint8_t id) {
    return labels{{"terminal", std::to_string(unsigned{id})}};
  };
  out.gauge("outrigger_terminal_viewers", "Viewers of each terminal.");
  for (const auto& terminal : now.lags)
    out.add(terminal.viewers.size(), label(terminal.id));
  out.gauge("outrigger_terminal_viewer_max_lag_bytes",
            "Output that the viewer furthest behind of each terminal has not "
            "been sent, or has not acknowledged if it does so.");
  for (const auto& terminal : now.lags)
    out.add(longest(terminal), label(terminal.id));
  out.gauge("outrigger_terminal_viewer_lag_bytes",
            "The same for each of the viewers furthest behind, at most 200.");
  for (const auto& [id, viewer] : laggiest(now.lags)) {
    auto with = label(id);
    with.push_back({"viewer", std::to_string(viewer.who)});
    out.add(viewer.bytes, std::move(with));
  }
  out.gauge("outrigger_terminals_silent",
            "Terminals that did not answer this scrape in time.")
      .add(now.silent_terminals);
}

// -- watched folders ----------------------------------------------------------

void add_watches(page& out, const metrics_snapshot& now) {
  if (now.watching) {
    const auto& of = *now.watching;
    out.gauge("outrigger_watched_folders",
              "Folders watched, each with all below it.")
        .add(of.folders);
    out.gauge("outrigger_watched_folders_degraded",
              "Those of which a part is only looked at now and then.")
        .add(of.degraded);
    out.gauge("outrigger_watches", "Watches of the kernel in use.")
        .add(of.watches);
    out.gauge("outrigger_watch_memory_bytes",
              "Memory that the folders with a watch take.")
        .add(of.memory);
    out.counter("outrigger_watch_overflows_total",
                "How often the kernel's queue of changes ran over.")
        .add(of.overflows);
  }
  if (!now.counted)
    return;
  const auto& counted = now.counted->watches;
  out.counter("outrigger_watch_events_total", "Changes told to those who "
                                              "watch.")
      .add(counted.events);
  out.counter("outrigger_watch_listeners_behind_total",
              "How often one who watches did not keep up and was told to look "
              "anew.")
      .add(counted.lost);
}

// -- the daemon ---------------------------------------------------------------

void add_health(page& out, const health_board& health) {
  out.gauge("outrigger_build_info", "Always 1; the version is a label.")
      .add(1, {{"version", health.version}});
  out.gauge("outrigger_holder_up", "Whether the session holder answers.")
      .add(health.holder ? 1 : 0);
  out.gauge("outrigger_overload_level", "0 ok, 1 elevated, 2 high, 3 critical.")
      .add(static_cast<unsigned>(health.overload));
  out.gauge("outrigger_terminals_alive", "Terminals whose program runs.")
      .add(health.terminals);
  out.gauge("outrigger_terminals_listed",
            "Terminals that are listed, ended ones included.")
      .add(health.listed);
  out.gauge("outrigger_terminals_limit", "Terminals that may run at a time.")
      .add(health.terminal_limit);
}

void add_loop(page& out, const metrics_snapshot& now) {
  if (now.load) {
    out.gauge("outrigger_loop_lag_seconds",
              "How long a new event had to wait, in the last second.")
        .add(seconds(now.load->lag));
    out.gauge("outrigger_loop_longest_turn_seconds",
              "The longest time one actor held the loop, in the last second.")
        .add(seconds(now.load->longest_turn));
    out.counter("outrigger_actor_resumes_total",
                "How often an actor was given the loop.")
        .add(now.load->resumes);
  }
  out.gauge("outrigger_actors", "Actors running.").add(now.actors);
  if (!now.load_ratios)
    return;
  out.gauge("outrigger_overload_pressure_ratio",
            "How much of what may be used is used, by what it is.");
  for (std::size_t i = 0; i < resource_count; ++i)
    out.add(now.load_ratios->ratios[i],
            {{"input", std::string{resource_name(static_cast<resource>(i))}}});
}

/// By the names that every Prometheus client gives them.
void add_process(page& out, const process_figures& process) {
  out.gauge("process_resident_memory_bytes", "Resident memory size in bytes.")
      .add(process.resident_bytes);
  out.gauge("process_open_fds", "Number of open file descriptors.")
      .add(process.open_files);
  out.gauge("process_max_fds", "Maximum number of open file descriptors.")
      .add(process.max_files);
  out.counter("process_cpu_seconds_total",
              "Total user and system CPU time spent in seconds.")
      .add(process.cpu_seconds);
  out.gauge("process_start_time_seconds",
            "Start time of the process since unix epoch in seconds.")
      .add(process.started_seconds);
  out.counter("outrigger_log_lines_dropped_total",
              "Log lines dropped because stderr did not take them.")
      .add(process.dropped_log_lines);
}

} // namespace

std::string to_prometheus(const metrics_snapshot& now) {
  page out;
  if (now.health)
    add_health(out, *now.health);
  add_loop(out, now);
  add_process(out, now.process);
  if (now.counted) {
    add_connections(out, now.counted->edge);
    add_denials(out, now.counted->edge);
    add_requests(out, now.counted->edge);
    add_sockets(out, now.counted->edge);
    add_terminals(out, now.counted->terminals);
  }
  add_viewers(out, now);
  add_watches(out, now);
  return out.text();
}

} // namespace outrigger
