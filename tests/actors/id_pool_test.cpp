// Which id comes next.

#include "actors/id_pool.hpp"

#include <array>

#include <catch2/catch.hpp>

namespace outrigger {

TEST_CASE("ids begin at 1 and there are 255 of them") {
  id_pool pool;
  for (int id = 1; id <= 255; ++id)
    CHECK(pool.take() == id);
  CHECK_FALSE(pool.take());
}

TEST_CASE("an id that was never used comes before one that was freed") {
  id_pool pool;
  REQUIRE(pool.take() == 1);
  pool.free(1);
  CHECK(pool.take() == 2);
}

TEST_CASE("of freed ids the one freed longest ago comes first") {
  id_pool pool;
  while (pool.take())
    ;
  for (const std::uint8_t id : std::array<std::uint8_t, 3>{7, 3, 200})
    pool.free(id);
  CHECK(pool.take() == 7);
  CHECK(pool.take() == 3);
  CHECK(pool.take() == 200);
}

TEST_CASE("an id that is given back is still the next") {
  id_pool pool;
  REQUIRE(pool.take() == 1);
  pool.give_back(1);
  CHECK(pool.take() == 1);
}

TEST_CASE("a taken id is not given out") {
  id_pool pool;
  pool.take(1);
  pool.take(3);
  CHECK(pool.take() == 2);
  CHECK(pool.take() == 4);
}

TEST_CASE("after a restart ids go on behind the newest") {
  id_pool pool;
  pool.take(254);
  pool.take(1);
  pool.reconstruct(254);
  CHECK(pool.take() == 255);
  CHECK(pool.take() == 2);
  pool.free(255);
  CHECK(pool.take() == 3);
}

} // namespace outrigger
