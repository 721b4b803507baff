// A file without a name, as the body of an answer.

#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include <unistd.h>

#include <catch2/catch.hpp>

#include "protocol/endpoint.hpp"

namespace outrigger {

class temporary_file {
public:
  explicit temporary_file(std::string_view content = {}) {
    std::string name = "/tmp/outrigger-answer-XXXXXX";
    const int fd = ::mkstemp(name.data());
    REQUIRE(fd >= 0);
    ::unlink(name.c_str());
    descriptor_ = std::shared_ptr<const int>{new int{fd}, [](const int* held) {
                                               ::close(*held);
                                               delete held;
                                             }};
    while (!content.empty()) {
      const auto n = ::write(fd, content.data(), content.size());
      REQUIRE(n > 0);
      content.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  void resize(std::uint64_t size) {
    REQUIRE(::ftruncate(*descriptor_, static_cast<off_t>(size)) == 0);
  }

  [[nodiscard]] file_body part(std::uint64_t offset, std::uint64_t size) const {
    return {descriptor_, offset, size};
  }

  /// Whether nobody else has it open.
  [[nodiscard]] bool is_let_go() const { return descriptor_.use_count() == 1; }

private:
  std::shared_ptr<const int> descriptor_;
};

} // namespace outrigger
