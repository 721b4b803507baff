// permessage-deflate: what it costs in memory and CPU, and what it saves on
// the wire, against the same without it.

#include "bench/measure_edge.hpp"

#include <fstream>
#include <thread>
#include <vector>

#include "bench/corpus.hpp"
#include "bench/daemon_process.hpp"
#include "bench/deflate_client.hpp"
#include "bench/source.hpp"
#include "bench/statistics.hpp"

namespace outrigger::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t connections = 1000;
constexpr int exchanges = 3;
constexpr std::size_t screen_size = 2000; // bytes, about what a redraw takes
constexpr std::size_t paste_size = 600;

/// A daemon with compression, or without.
struct party {
  const char* name;
  daemon_process daemon;
  bool offers;

  [[nodiscard]] deflate_client connect() const {
    deflate_client client{daemon.port(), daemon.socket_target(), offers};
    if (client.compressed() != offers)
      throw failure{"compression was not negotiated as expected"};
    return client;
  }
};

void wait_until_ready(deflate_client& client, std::uint8_t id) {
  std::string seen;
  while (seen.find(ready) == seen.npos)
    seen += client.read(id);
}

// -- memory -------------------------------------------------------------------

/// Prints a screenful for each Return.
command drawing(const std::string& directory) {
  const auto path = directory + "/screen";
  std::ofstream screen{path, std::ios::binary};
  for (std::size_t i = 0; i < screen_size; ++i)
    screen << static_cast<char>('a' + (i * i / 7 + i % 11) % 26);
  return {"sh", "-c",
          "stty -echo; printf READY; while read x; do cat " + path + "; done"};
}

command taking() {
  return {"sh", "-c", "stty raw -echo; exec cat > /dev/null"};
}

void memory_round(party& of, const command& program, report& out) {
  auto& daemon = of.daemon;
  const auto screen = daemon.create(program);
  const auto sink = daemon.create(taking());
  auto first = of.connect(); // what is set up once is no connection's cost
  wait_until_ready(first, screen);
  const auto before = memory_of(daemon.pid());
  const auto per_connection = [&] {
    std::this_thread::sleep_for(200ms);
    return (memory_of(daemon.pid()) - before) / 1024 / connections;
  };
  std::vector<deflate_client> all;
  while (all.size() < connections) {
    all.push_back(of.connect());
    wait_until_ready(all.back(), screen);
  }
  out.add("memory per connection, silent", of.name, "KiB", per_connection(),
          "off");
  const std::string paste(paste_size, 'p');
  for (int i = 0; i < exchanges; ++i) {
    first.type(screen, "\r");
    first.read_bytes(screen, screen_size);
    for (auto& client : all) {
      client.read_bytes(screen, screen_size);
      client.type(sink, paste);
    }
  }
  out.add("memory per connection, used", of.name, "KiB", per_connection(),
          "off");
  daemon.remove_all();
}

// -- throughput ---------------------------------------------------------------

void print_round(party& from, const printed_text& text, report& out) {
  auto& daemon = from.daemon;
  auto client = from.connect();
  const auto id = daemon.create(text.program);
  wait_until_ready(client, id);
  const auto wire = client.wire_bytes();
  const auto cpu = cpu_of(daemon.pid());
  const auto begin = steady::now();
  client.type(id, "\r");
  client.read_bytes(id, text.bytes);
  const auto took = seconds(steady::now() - begin);
  const auto bytes = static_cast<double>(text.bytes);
  out.add("throughput, " + text.name, from.name, "MB/s", bytes / 1e6 / took,
          "off");
  out.add("daemon CPU per 100 MB, " + text.name, from.name, "s",
          (cpu_of(daemon.pid()) - cpu) / bytes * 1e8, "off");
  out.add("wire per byte, " + text.name, from.name, "bytes",
          static_cast<double>(client.wire_bytes() - wire) / bytes, "off");
  daemon.remove(id);
}

// -- latency ------------------------------------------------------------------

/// A key until `answer` bytes have come.
void key_round(party& of, const command& program, const char* metric,
               std::size_t answer, std::size_t keys, report& out) {
  auto client = of.connect();
  const auto id = of.daemon.create(program);
  wait_until_ready(client, id);
  std::vector<double> us;
  while (us.size() < keys) {
    const auto begin = steady::now();
    client.type(id, answer > 1 ? "\r" : "k");
    client.read_bytes(id, answer);
    us.push_back(microseconds(steady::now() - begin));
  }
  const std::string name{metric};
  out.add(name + " p50", of.name, "us", percentile(us, 0.5), "off");
  out.add(name + " p99", of.name, "us", percentile(us, 0.99), "off");
  of.daemon.remove(id);
}

} // namespace

void measure_deflate(const bench_settings& settings, report& out) {
  const std::size_t size = settings.quick ? 4'000'000 : 24'000'000;
  const auto texts = write_corpus(settings.directory, size);
  const auto screens = drawing(settings.directory);
  const std::size_t keys = settings.quick ? 200 : 1000;
  const auto start = [&](const char* name) {
    return daemon_process{
        settings.daemon, settings.directory, {"--compression", name}};
  };
  for (int round = 0; round < settings.rounds; ++round) {
    party parties[]{{"off", start("off"), false}, {"on", start("on"), true}};
    for (auto& one : parties)
      memory_round(one, screens, out);
    for (const auto& text : texts)
      for (auto& one : parties)
        print_round(one, text, out);
    for (auto& one : parties)
      key_round(one, echoing(), "echo", 1, keys, out);
    for (auto& one : parties)
      key_round(one, screens, "redraw of 2 kB", screen_size, keys, out);
  }
}

} // namespace outrigger::bench
