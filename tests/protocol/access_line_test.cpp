#include "protocol/access_line.hpp"

#include <catch2/catch.hpp>

#include "protocol/log_line.hpp"

using namespace outrigger;
using namespace std::chrono_literals;

namespace {

access_line request() {
  access_line line;
  line.request_id = "00000000002a";
  line.method = "GET";
  line.path = "/terminals";
  line.status = 200;
  line.bytes = 512;
  line.duration = 1234us;
  line.remote = "127.0.0.1";
  line.who = "owner";
  return line;
}

access_line socket() {
  auto line = request();
  line.path = "/ws";
  line.status = 101;
  line.protocol = access_protocol::websocket;
  line.close_code = 1001;
  return line;
}

} // namespace

TEST_CASE("an answered request is one line of text") {
  CHECK(to_text(request()) ==
        "GET /terminals 200 1.2 ms 512 B from 127.0.0.1 as owner, "
        "id 00000000002a");
}

TEST_CASE("a closed socket's line says with which code") {
  CHECK(to_text(socket()) == "GET /ws 101 1.2 ms 512 B from 127.0.0.1 as "
                             "owner, closed 1001, id 00000000002a");
}

TEST_CASE("what is not known has a place in the line") {
  access_line line;
  line.status = 400;
  CHECK(to_text(line) == "- - 400 0.0 ms 0 B from unix as -, id -");
}

TEST_CASE("the JSON line has every part as a field") {
  CHECK(log_line_json("12:00", "info", "access", to_payload(request())) ==
        R"({"time":"12:00","level":"info","logger":"access",)"
        R"("message":"GET /terminals 200","request_id":"00000000002a",)"
        R"("protocol":"http","method":"GET","path":"/terminals",)"
        R"("status":200,"bytes":512,"duration_ms":1.234,)"
        R"("remote":"127.0.0.1","who":"owner"})");
  CHECK(log_line_json("", "", "", to_payload(socket()))
            .find(R"("protocol":"websocket")") != std::string::npos);
  CHECK(log_line_json("", "", "", to_payload(socket()))
            .find(R"("close_code":1001})") != std::string::npos);
}

TEST_CASE("what a client chose cannot look like another part of the line") {
  auto line = request();
  line.method = "GET\r\n2026 access";
  line.path = "/a b, id 1\x1b[2J\xff";
  line.who = "jwt me, id 666";
  CHECK(to_text(line) ==
        "GET\\x0d\\x0a2026\\x20access /a\\x20b\\x2c\\x20id\\x201\\x1b[2J\\xff "
        "200 1.2 ms 512 B from 127.0.0.1 as jwt me\\x2c id 666, "
        "id 00000000002a");
  const auto json = log_line_json("", "", "", to_payload(line));
  CHECK(json.find('\x1b') == std::string::npos);
  CHECK(json.find('\xff') == std::string::npos);
  CHECK(json.find(R"("path":"/a b, id 1\\x1b[2J\\xff")") != std::string::npos);
}
