// Clients of a workspace: connection actors with recording sinks.

#pragma once

#include <memory>
#include <string>

#include "actors/connection.hpp"
#include "tests/actors/workspace_fixture.hpp"
#include "tests/support/recording_sink.hpp"

namespace outrigger {

struct client {
  std::shared_ptr<recording_sink> sink;
  connection_actor actor;
};

class connection_fixture : public workspace_fixture {
public:
  /// An upgraded socket whose peer takes nothing yet.
  client open(connection_options options = {});
  /// One whose peer has taken everything there was.
  client connect(connection_options options = {});
  static connection_options extended();

  /// The peer takes frames until none is left.
  void flow(const client& c);
  /// The client sends a binary frame.
  void type(const client& c, std::uint8_t id, std::string bytes);
  /// The client sends a text frame.
  void say(const client& c, socket_message message);

  watches_actor watches; // none, unless a test sets it

private:
  viewer_id last_number_ = 0;
};

} // namespace outrigger
