#include "protocol/files/runtime_message.hpp"

#include <limits>

#include <catch2/catch.hpp>

using namespace outrigger;

TEST_CASE("a ping is answered with a pong") {
  CHECK(answer_runtime_message(R"({"type":"ping"})") == R"({"type":"pong"})");
}

TEST_CASE("there is no session to subscribe to") {
  CHECK(answer_runtime_message(R"({"type":"subscribe","session_id":"s\""})") ==
        R"({"type":"subscribed","session_id":"s\"","success":false})");
  CHECK(answer_runtime_message(R"({"type":"unsubscribe","session_id":"s"})") ==
        R"({"type":"unsubscribed","session_id":"s","success":false})");
  for (const auto* text :
       {R"({"type":"subscribe"})", R"({"type":"subscribe","session_id":""})",
        R"({"type":"unsubscribe","session_id":3})"})
    CHECK(answer_runtime_message(text) ==
          R"({"type":"error","message":"session_id is required"})");
}

TEST_CASE("what is no message is told") {
  for (const auto* text : {"", "x", "[]", "1", "{\"type\":", "\xff"})
    CHECK(answer_runtime_message(text) ==
          R"({"type":"error","message":"Invalid JSON"})");
  CHECK(answer_runtime_message(R"({"type":"dance"})") ==
        R"({"type":"error","message":"Unknown message type: dance"})");
  CHECK(answer_runtime_message("{}") ==
        R"({"type":"error","message":"Unknown message type: None"})");
  const auto answer =
      answer_runtime_message(R"({"type":")" + std::string(5000, 'x') + "\"}");
  CHECK(answer.size() < 200);
}

TEST_CASE("the machine's load has one decimal and stays in bounds") {
  CHECK(system_stats_to_json({12.345, 99.96, 0}) ==
        R"({"type":"system_stats","stats":{"cpu_percent":12.3,)"
        R"("memory_percent":100.0,"disk_percent":0.0}})");
  CHECK(system_stats_to_json(
            {-1, 1e9, std::numeric_limits<double>::quiet_NaN()}) ==
        R"({"type":"system_stats","stats":{"cpu_percent":0.0,)"
        R"("memory_percent":100.0,"disk_percent":0.0}})");
}
