// Which offer of permessage-deflate is taken up.

#include "protocol/deflate_offer.hpp"

#include <vector>

#include <catch2/catch.hpp>

namespace outrigger {
namespace {

std::string chosen(std::vector<std::string_view> fields) {
  return choose_deflate_offer(fields);
}

} // namespace

TEST_CASE("an acceptable offer is taken up in plain form") {
  const auto [offer, plain] =
      GENERATE(table<std::string_view, std::string_view>(
          {{"permessage-deflate", "permessage-deflate"},
           {" permessage-deflate ;client_max_window_bits\t",
            "permessage-deflate; client_max_window_bits"},
           {"permessage-deflate; client_max_window_bits=8",
            "permessage-deflate; client_max_window_bits=8"},
           {"permessage-deflate; server_max_window_bits=\"10\"",
            "permessage-deflate; server_max_window_bits=10"},
           {"permessage-deflate;server_no_context_takeover;"
            "client_no_context_takeover",
            "permessage-deflate; server_no_context_takeover; "
            "client_no_context_takeover"}}));
  CHECK(chosen({offer}) == plain);
}

TEST_CASE("an offer that is not acceptable is declined") {
  const auto offer = GENERATE(
      "", "x-webkit-deflate-frame", "permessage-deflatex", "permessage",
      "Permessage-Deflate", "permessage-deflate; unknown",
      "permessage-deflate; unknown=1", "permessage-deflate; =10",
      "permessage-deflate;", "permessage-deflate; server_max_window_bits",
      "permessage-deflate; server_max_window_bits=",
      "permessage-deflate; server_max_window_bits=8",
      "permessage-deflate; server_max_window_bits=16",
      "permessage-deflate; server_max_window_bits=010",
      "permessage-deflate; server_max_window_bits=+10",
      "permessage-deflate; server_max_window_bits=10x",
      "permessage-deflate; client_max_window_bits=7",
      "permessage-deflate; client_max_window_bits=99999999999",
      "permessage-deflate; client_max_window_bits=\"",
      "permessage-deflate; server_no_context_takeover=1",
      "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
      "permessage-deflate; server_no_context_takeover; "
      "server_no_context_takeover");
  CAPTURE(offer);
  CHECK(chosen({offer}).empty());
}

TEST_CASE("the first acceptable offer counts, wherever it stands") {
  CHECK(chosen({"permessage-deflate; server_max_window_bits=10, "
                "permessage-deflate"}) ==
        "permessage-deflate; server_max_window_bits=10");
  CHECK(chosen({"permessage-deflate; unknown, permessage-deflate"}) ==
        "permessage-deflate");
  CHECK(chosen({"x; a=\"b, c\", , permessage-deflate"}) ==
        "permessage-deflate");
  CHECK(chosen({"x-mux", "permessage-deflate; client_max_window_bits"}) ==
        "permessage-deflate; client_max_window_bits");
  CHECK(chosen({}).empty());
}

} // namespace outrigger
