#include "protocol/frame.hpp"

#include <catch2/catch.hpp>

using namespace outrigger;

TEST_CASE("a frame is as long as its head and its shared body") {
  frame out;
  CHECK(out.size() == 0);
  out.head.push_back(1);
  CHECK(out.size() == 1);
  out.body = std::make_shared<const std::string>("hello");
  CHECK(out.size() == 6);
}
