// What the tests of requests and answers about files share.
#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <utility>

#include "protocol/files/file_entry.hpp"
#include "protocol/result.hpp"

namespace outrigger::test {

/// What a request that cannot be read is told.
inline std::string why(const error& err) {
  CHECK(err.code == errc::malformed);
  return err.detail;
}

template <class T>
std::string why(const result<T>& outcome) {
  REQUIRE_FALSE(outcome);
  return why(outcome.error());
}

/// Of three bytes, changed in November 2023.
inline file_entry entry(std::string path, entry_kind kind,
                        std::size_t depth = 0) {
  file_entry out;
  out.path = std::move(path);
  out.kind = kind;
  out.size = 3;
  out.modified_ns = 1'700'000'000'000'000'000;
  out.depth = depth;
  out.version = "1-3-5";
  return out;
}

} // namespace outrigger::test
