#include "tests/net/server_fixture.hpp"

#include <algorithm>
#include <cctype>
#include <csignal>

#include <boost/asio/buffer.hpp>
#include <spdlog/spdlog.h>

#include "tests/support/result_text.hpp"

namespace outrigger {
namespace {

using tcp = boost::asio::ip::tcp;
using namespace std::chrono_literals;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return text;
}

class recording_handler final : public frame_handler {
public:
  explicit recording_handler(std::shared_ptr<socket_record> record)
      : record_{std::move(record)} {}

  void on_frame(frame_kind kind, std::string bytes) override {
    const auto size = bytes.size();
    record_->frames.emplace_back(kind, std::move(bytes));
    if (auto sink = record_->sink.lock(); sink && record_->consume)
      sink->consume(size);
  }
  void on_taken(stream_id stream) override { record_->taken.push_back(stream); }
  void on_closed() override { ++record_->closed; }

private:
  std::shared_ptr<socket_record> record_;
};

} // namespace

// -- endpoint -----------------------------------------------------------------

void fake_endpoint::rest(rest_call call, answer_function give) {
  calls.push_back(std::move(call));
  if (hold)
    unanswered.push_back(std::move(give));
  else
    give(answer);
}

void fake_endpoint::upload(
    rest_call call,
    std::function<void(result<std::shared_ptr<body_sink>>)> give) {
  calls.push_back(std::move(call));
  auto made = [this, give = std::move(give)] {
    if (no_sink)
      return give(*no_sink);
    sinks.push_back(std::make_shared<sink_record>(next_sink));
    give(make_sink(sinks.back()));
  };
  if (hold)
    unmade_sinks.push_back(std::move(made));
  else
    made();
}

void fake_endpoint::socket(socket_call call,
                           std::function<void(result<socket_plan>)> give) {
  upgrades.push_back(std::move(call));
  if (hold)
    return undecided.push_back(std::move(give));
  open(give);
}

void fake_endpoint::decide() {
  for (const auto& give : std::exchange(undecided, {}))
    open(give);
}

void fake_endpoint::open(const std::function<void(result<socket_plan>)>& give) {
  if (refusal)
    return give(*refusal);
  give(socket_plan{
      [this](std::weak_ptr<frame_sink> sink) -> std::unique_ptr<frame_handler> {
        auto record = std::make_shared<socket_record>();
        record->sink = std::move(sink);
        record->consume = consume;
        sockets.push_back(record);
        return std::make_unique<recording_handler>(record);
      },
      max_message});
}

// -- client -------------------------------------------------------------------

std::string http_reply::field(std::string name) const {
  const auto wanted = "\r\n" + lower(std::move(name)) + ": ";
  const auto at = lower(header).find(wanted);
  if (at == std::string::npos)
    return {};
  const auto begin = at + wanted.size();
  return header.substr(begin, header.find("\r\n", begin) - begin);
}

unsigned server_frame::close_code() const {
  if (opcode != 8 || payload.size() < 2)
    return 0;
  return static_cast<unsigned>(static_cast<unsigned char>(payload[0]) << 8 |
                               static_cast<unsigned char>(payload[1]));
}

raw_client::raw_client(boost::asio::io_context& loop, std::uint16_t port,
                       bool small)
    : socket_{loop} {
  socket_.open(tcp::v4());
  if (small)
    socket_.set_option(boost::asio::socket_base::receive_buffer_size{4096});
  socket_.connect({boost::asio::ip::address_v4::loopback(), port});
  read_more();
}

void raw_client::send(std::string bytes) {
  out_ += bytes;
  if (!writing_)
    write_more();
}

void raw_client::write_more() {
  writing_ = !out_.empty();
  if (!writing_)
    return;
  socket_.async_write_some(boost::asio::buffer(out_),
                           [this, alive = std::weak_ptr{alive_}](
                               boost::system::error_code ec, std::size_t n) {
                             if (ec || alive.expired())
                               return; // the test sees it in `ended`
                             out_.erase(0, n);
                             write_more();
                           });
}

void raw_client::send_frame(unsigned opcode, std::string_view payload,
                            bool final) {
  std::string bytes(1, static_cast<char>(opcode | (final ? 0x80u : 0u)));
  const auto size = payload.size();
  const auto put = [&](std::size_t value, int count) {
    for (int shift = 8 * (count - 1); shift >= 0; shift -= 8)
      bytes += static_cast<char>(value >> shift & 0xFF);
  };
  if (size < 126) {
    put(0x80 | size, 1);
  } else if (size < 65536) {
    put(0x80 | 126, 1);
    put(size, 2);
  } else {
    put(0x80 | 127, 1);
    put(size, 8);
  }
  bytes += std::string(4, '\0'); // a mask that changes nothing
  bytes += payload;
  send(std::move(bytes));
}

void raw_client::send_close(unsigned code) {
  send_frame(8, {std::string{static_cast<char>(code >> 8),
                             static_cast<char>(code & 0xFF)}});
}

void raw_client::read_more() {
  reading_ = true;
  socket_.async_read_some(
      boost::asio::buffer(in_),
      [this, alive = std::weak_ptr{alive_}](boost::system::error_code ec,
                                            std::size_t n) {
        if (alive.expired() || ec == boost::asio::error::operation_aborted)
          return;
        received.append(in_.data(), n);
        reading_ = false;
        reset = ec == boost::asio::error::connection_reset;
        if (ec)
          ended = true;
        else if (reads_)
          read_more();
      });
}

void raw_client::end() {
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void raw_client::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

std::optional<http_reply> raw_client::take_reply(bool head) {
  const auto end = received.find("\r\n\r\n");
  if (end == std::string::npos)
    return std::nullopt;
  http_reply reply;
  reply.header = received.substr(0, end + 2);
  reply.status = std::stoi(reply.header.substr(9, 3));
  const auto length = reply.field("Content-Length");
  const bool bodiless = head || reply.status < 200 || reply.status == 304;
  const std::size_t size = bodiless || length.empty() ? 0 : std::stoul(length);
  if (received.size() < end + 4 + size)
    return std::nullopt;
  reply.body = received.substr(end + 4, size);
  received.erase(0, end + 4 + size);
  return reply;
}

std::optional<server_frame> raw_client::take_frame() {
  if (received.size() < 2)
    return std::nullopt;
  const auto byte = [this](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(received[i]));
  };
  std::size_t size = byte(1);
  std::size_t begin = 2;
  const std::size_t extra = size == 126 ? 2 : size == 127 ? 8 : 0;
  if (extra > 0) {
    if (received.size() < 2 + extra)
      return std::nullopt;
    size = 0;
    for (std::size_t i = 0; i < extra; ++i)
      size = size << 8 | byte(2 + i);
    begin += extra;
  }
  if (received.size() < begin + size)
    return std::nullopt;
  server_frame out{static_cast<unsigned>(byte(0) & 0xF),
                   received.substr(begin, size)};
  received.erase(0, begin + size);
  return out;
}

// -- fixture ------------------------------------------------------------------

namespace {

/// Who has to go is left to chance, but to the same one in each run.
constexpr std::uint64_t seed = 1;

access_policy policy() {
  access_policy out;
  out.known.tokens = {owner_record("secret")};
  out.known.workspace = "local";
  return out;
}

} // namespace

server_fixture::server_fixture(limits::edge_limits limits)
    : context{std::make_shared<server_context>(loop, policy(), counted, limits,
                                               seed)},
      served{std::make_unique<server>(context)} {
  spdlog::set_level(spdlog::level::off);
  std::signal(SIGPIPE, SIG_IGN); // as main does
  context->behind = &behind;
  context->run_blocking = [this](auto work, auto done) {
    return run_blocking(std::move(work), std::move(done));
  };
  listen_address address;
  address.host = "127.0.0.1";
  const auto name = served->listen(address);
  REQUIRE(name);
  port = static_cast<std::uint16_t>(
      std::stoul(name->substr(name->rfind(':') + 1)));
  served->accept();
}

server_fixture::~server_fixture() {
  bool stopped = false;
  served->stop(0ms, [&] { stopped = true; });
  run_until([&] { return stopped; });
  behind.unanswered.clear();
  behind.undecided.clear();
  behind.unmade_sinks.clear();
  served.reset();
  other_thread_.join();
  settle();
}

bool server_fixture::run_blocking(std::function<void()> work,
                                  std::function<void()> done) {
  ++jobs;
  if (refused_jobs > 0) {
    --refused_jobs;
    return false;
  }
  boost::asio::post(other_thread_, [this, work = std::move(work),
                                    done = std::move(done)]() mutable {
    work();
    work = nullptr;
    boost::asio::post(loop, std::move(done));
  });
  return true;
}

std::unique_ptr<raw_client> server_fixture::connect(bool small) {
  return std::make_unique<raw_client>(loop, port, small);
}

std::unique_ptr<raw_client> server_fixture::open_socket(bool small) {
  auto client = connect(small);
  upgrade(*client, head("GET", "/ws", upgrade_fields));
  return client;
}

std::unique_ptr<raw_client>
server_fixture::open_socket_as(std::string_view token) {
  auto client = connect();
  std::string fields{upgrade_fields};
  if (!token.empty())
    fields += "Authorization: Bearer " + std::string{token} + "\r\n";
  upgrade(*client, anonymous("GET", "/ws", fields));
  return client;
}

void server_fixture::upgrade(raw_client& client, std::string request) {
  const auto before = behind.sockets.size();
  REQUIRE(exchange(client, std::move(request)).status == 101);
  REQUIRE(run_until([&] { return behind.sockets.size() > before; }));
}

std::shared_ptr<frame_sink> server_fixture::sink() {
  auto found = handler().sink.lock();
  REQUIRE(found);
  return found;
}

std::string server_fixture::head(std::string_view method,
                                 std::string_view target,
                                 std::string_view more) const {
  return anonymous(method, target,
                   "Authorization: Bearer secret\r\n" + std::string{more});
}

std::string server_fixture::anonymous(std::string_view method,
                                      std::string_view target,
                                      std::string_view more) const {
  return std::string{method} + " " + std::string{target} +
         " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n" +
         std::string{more} + "\r\n";
}

http_reply server_fixture::reply(raw_client& client, bool is_head) {
  std::optional<http_reply> found;
  REQUIRE(run_until([&] {
    found = client.take_reply(is_head);
    return found.has_value() || client.ended;
  }));
  REQUIRE(found);
  return *found;
}

http_reply server_fixture::exchange(raw_client& client, std::string request,
                                    bool is_head) {
  client.send(std::move(request));
  return reply(client, is_head);
}

server_frame server_fixture::frame_from(raw_client& client) {
  std::optional<server_frame> found;
  REQUIRE(run_until([&] {
    found = client.take_frame();
    return found.has_value() || client.ended;
  }));
  REQUIRE(found);
  return *found;
}

bool server_fixture::run_until(const std::function<bool()>& finished,
                               std::chrono::seconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  loop.restart();
  while (!finished()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    loop.run_one_for(20ms);
    if (loop.stopped())
      loop.restart();
  }
  return true;
}

void server_fixture::settle() {
  for (int round = 0; round < 10; ++round) {
    loop.restart();
    if (loop.run_for(20ms) == 0)
      return;
  }
}

} // namespace outrigger
