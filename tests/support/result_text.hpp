// What Catch prints of a result in a failed check.

#pragma once

#include <string>

#include <catch2/catch.hpp>

#include "protocol/result.hpp"

template <class T>
struct Catch::StringMaker<outrigger::result<T>> {
  static std::string convert(const outrigger::result<T>& value) {
    return value.has_error() ? "error: " + value.error().detail : "a value";
  }
};
