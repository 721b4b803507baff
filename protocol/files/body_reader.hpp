// The fields of a call's JSON body: typed, with errors that name the field. The
// first failure is kept, so that a call's fields are read one after another and
// judged once. Shows RapidJSON, so it is for protocol/files/*.cpp only.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/json.hpp"
#include "protocol/result.hpp"

namespace outrigger {

class body_reader {
public:
  /// `what` begins every error and must outlive this.
  [[nodiscard]] static result<body_reader>
  parse(std::string_view body, std::string_view what, std::size_t max_size);

  [[nodiscard]] std::string text(std::string_view name);
  [[nodiscard]] std::optional<std::string> optional_text(std::string_view name);
  /// Not empty.
  [[nodiscard]] std::string required(std::string_view name);
  /// False when it is absent.
  [[nodiscard]] bool flag(std::string_view name);
  [[nodiscard]] std::vector<std::string> texts(std::string_view name);
  /// Null when it is absent.
  [[nodiscard]] const json::value* find(std::string_view name) const;

  void fail(std::string_view name, std::string_view why);

  [[nodiscard]] const std::optional<error>& failure() const { return failure_; }

private:
  body_reader(json::document parsed, std::string_view what)
      : parsed_{std::move(parsed)}, what_{what} {}
  [[nodiscard]] json::fields fields() const { return {parsed_, what_}; }
  void keep(error err);

  json::document parsed_;
  std::string_view what_;
  std::optional<error> failure_;
};

} // namespace outrigger
