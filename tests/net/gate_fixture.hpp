// A daemon's edge without sockets: the gate, and what it counts, remembers and
// hands out.

#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "net/gate.hpp"
#include "tests/support/result_text.hpp"

namespace outrigger::test {

namespace http = boost::beast::http;

inline access_policy of_tokens(std::vector<token_record> tokens) {
  access_policy out;
  out.known.tokens = std::move(tokens);
  return out;
}

inline access_policy open_to_all() {
  access_policy out;
  out.auth = false;
  return out;
}

/// Of "viewer", who may look at one terminal.
inline token_record viewer_record() {
  token_record out;
  out.id = "0000000a";
  out.digest = sha256("viewer");
  out.scopes = *parse_scopes("terminal:3:view");
  return out;
}

/// "secret" is the owner's token.
inline access_policy two_tokens() {
  return of_tokens({owner_record("secret"), viewer_record()});
}

/// A client whose connection comes from this address.
inline peer client_at(const std::string& address) {
  return {"127.0.0.1", to_source(asio::ip::make_address(address)), false,
          false};
}
inline peer loopback() {
  return client_at("127.0.0.1");
}

struct edge {
  explicit edge(access_policy policy = two_tokens())
      : context{loop, std::move(policy), counted} {}

  result<admission> admit(const http_header& header,
                          const peer& from = loopback(),
                          moment now = moment::now()) {
    return outrigger::admit(header, from, context, now);
  }
  error refuse(const http_header& header, const peer& from = loopback(),
               moment now = moment::now()) {
    const auto answer = admit(header, from, now);
    REQUIRE(answer.has_error());
    return answer.error();
  }
  errc refusal(const http_header& header, const peer& from = loopback()) {
    return refuse(header, from).code;
  }
  [[nodiscard]] std::uint64_t denied(denial why) const {
    return counted.denied[static_cast<std::size_t>(why)];
  }
  /// Memory is that short.
  void load(overload_level level) {
    static constexpr std::array<std::size_t, 4> used{0, 75, 90, 99};
    context.load.set_budget({100, 0, 0, 0});
    context.load.sample(used[static_cast<std::size_t>(level)], 0);
  }

  asio::io_context loop{1};
  edge_meters counted;
  server_context context;
};

inline http_header request(http::verb method, const std::string& target) {
  http_header header;
  header.version(11);
  header.method(method);
  header.target(target);
  header.set(http::field::host, "127.0.0.1:3002");
  return header;
}

inline http_header get(const std::string& target) {
  return request(http::verb::get, target);
}

inline http_header with_bearer(http_header header, const std::string& token) {
  header.set(http::field::authorization, "Bearer " + token);
  return header;
}

} // namespace outrigger::test
