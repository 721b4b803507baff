// A real server on a loopback port, with a fake endpoint behind it and clients
// that speak HTTP and WebSocket by hand, all on one loop.

#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <catch2/catch.hpp>

#include "net/server.hpp"
#include "tests/net/fake_sink.hpp"

namespace outrigger {

/// What a request for a WebSocket says beside what every request does.
inline const std::string upgrade_fields =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// What an upgraded socket's handler was told.
struct socket_record {
  std::vector<std::pair<frame_kind, std::string>> frames;
  std::vector<stream_id> taken;
  int closed = 0;
  std::weak_ptr<frame_sink> sink;
  bool consume = true; // at once
};

/// Answers what the test says, and keeps what it was asked.
class fake_endpoint final : public endpoint {
public:
  void rest(rest_call call, answer_function answer) override;
  void upload(
      rest_call call,
      std::function<void(result<std::shared_ptr<body_sink>>)> answer) override;
  void socket(socket_call call,
              std::function<void(result<socket_plan>)> answer) override;

  /// Answers the upgrades that were held.
  void decide();
  /// The sink of the latest upload.
  sink_record& sink() { return *sinks.back(); }

  std::vector<rest_call> calls;
  std::vector<answer_function> unanswered; // while `hold` is set
  std::vector<std::function<void(result<socket_plan>)>> undecided; // likewise
  result<rest_answer> answer = rest_answer{200, "{}"};
  bool hold = false;

  sink_record next_sink; // what the next one is made like
  std::optional<error> no_sink;
  std::vector<std::shared_ptr<sink_record>> sinks;
  std::vector<std::function<void()>> unmade_sinks; // while `hold` is set

  std::vector<socket_call> upgrades;
  std::optional<error> refusal;
  std::size_t max_message = 1024 * 1024;
  bool consume = true;
  std::vector<std::shared_ptr<socket_record>> sockets;

private:
  void open(const std::function<void(result<socket_plan>)>& give);
};

struct http_reply {
  int status = 0;
  std::string header; // all of it
  std::string body;

  /// The value of a field, as sent; empty without it.
  [[nodiscard]] std::string field(std::string name) const;
};

/// One frame from the server.
struct server_frame {
  unsigned opcode = 0;
  std::string payload;

  /// Of a close frame; 0 without one.
  [[nodiscard]] unsigned close_code() const;
};

/// A peer that does as it is told, and reads whatever comes until told not to.
class raw_client {
public:
  /// `small`: with little room for what it has not read.
  raw_client(boost::asio::io_context& loop, std::uint16_t port, bool small);

  void send(std::string bytes);
  /// Bytes that have found no room in the kernel's buffers.
  [[nodiscard]] std::size_t unsent() const { return out_.size(); }
  void send_frame(unsigned opcode, std::string_view payload, bool final = true);
  void send_close(unsigned code);
  /// Takes nothing more out of the socket.
  void stop_reading() { reads_ = false; }
  /// Takes a little, after all.
  void read_once() {
    if (!reading_)
      read_more();
  }
  void go_on_reading() {
    reads_ = true;
    read_once();
  }
  /// Says that nothing more comes, and still reads.
  void end();
  void close();

  /// Takes the next whole answer out of what has come.
  std::optional<http_reply> take_reply(bool head = false);
  std::optional<server_frame> take_frame();

  std::string received;
  bool ended = false; // the server closed, or reset
  bool reset = false;

private:
  void read_more();
  void write_more();

  boost::asio::ip::tcp::socket socket_;
  std::string out_;
  bool writing_ = false;
  bool reads_ = true;
  bool reading_ = false; // a read is under way
  /// Gone when this object is: what was under way then does nothing.
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  std::array<char, 65536> in_{};
};

class server_fixture {
public:
  explicit server_fixture(limits::edge_limits limits = {});
  ~server_fixture();

  std::unique_ptr<raw_client> connect(bool small = false);
  /// An upgraded connection, of the owner.
  std::unique_ptr<raw_client> open_socket(bool small = false);
  /// One of who shows this token; empty: none.
  std::unique_ptr<raw_client> open_socket_as(std::string_view token);
  /// The handler of the latest upgrade.
  socket_record& handler() { return *behind.sockets.back(); }
  std::shared_ptr<frame_sink> sink();

  /// A request line and the fields every request needs, with the owner's token.
  [[nodiscard]] std::string head(std::string_view method,
                                 std::string_view target,
                                 std::string_view more = "") const;
  /// The same without a credential.
  [[nodiscard]] std::string anonymous(std::string_view method,
                                      std::string_view target,
                                      std::string_view more = "") const;
  http_reply reply(raw_client& client, bool is_head = false);
  http_reply exchange(raw_client& client, std::string request,
                      bool is_head = false);
  server_frame frame_from(raw_client& client);

  /// Runs the loop until `finished`; false when that takes too long.
  bool run_until(const std::function<bool()>& finished,
                 std::chrono::seconds patience = std::chrono::seconds{20});
  /// Runs the loop until nothing happens any more, or for a while.
  void settle();

  boost::asio::io_context loop{1};
  fake_endpoint behind;
  edge_meters counted;
  std::shared_ptr<server_context> context;
  std::unique_ptr<server> served;
  std::uint16_t port = 0;
  /// Jobs for the other thread; so many of the next ones it has no room for.
  std::size_t jobs = 0;
  std::size_t refused_jobs = 0;

private:
  void upgrade(raw_client& client, std::string request);
  bool run_blocking(std::function<void()> work, std::function<void()> done);

  boost::asio::thread_pool other_thread_{1};
};

} // namespace outrigger
