#include "tests/actors/connection_fixture.hpp"

#include <utility>

namespace outrigger {
namespace {

/// The size of a client's text frame: what matters is that it is consumed.
constexpr std::size_t text_frame = 50;

} // namespace

client connection_fixture::open(connection_options options) {
  client c;
  c.sink = std::make_shared<recording_sink>();
  options.number = ++last_number_;
  if (options.scopes.empty())
    options.scopes = scope_set::everything();
  c.actor =
      keep(system.spawn(connection, std::move(options),
                        std::weak_ptr<frame_sink>{c.sink}, terminals, watches));
  c.sink->on_taken = [actor = c.actor](stream_id stream) {
    caf::anon_send(actor, stream_taken{stream});
  };
  run();
  return c;
}

client connection_fixture::connect(connection_options options) {
  auto c = open(std::move(options));
  flow(c);
  return c;
}

connection_options connection_fixture::extended() {
  connection_options options;
  options.extended = true;
  return options;
}

void connection_fixture::flow(const client& c) {
  c.sink->take_all([this] { run(); });
}

void connection_fixture::type(const client& c, std::uint8_t id,
                              std::string bytes) {
  const auto size = bytes.size() + 1;
  send(c.actor, client_input{id, std::move(bytes), size});
  run();
}

void connection_fixture::say(const client& c, socket_message message) {
  send(c.actor, client_message{message, text_frame});
  run();
}

} // namespace outrigger
