// A process's surroundings as options see them: an environment and files that
// are maps. A fixture of the tests on options.

#pragma once

#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "protocol/options.hpp"

namespace outrigger::test {

struct option_world {
  std::map<std::string, std::string> env{{"HOME", "/home/u"}};
  std::map<std::string, std::string> files;
  unsigned uid = 1000;
  bool has_bash = true;

  [[nodiscard]] option_sources sources() const {
    return {[this](const std::string& name) {
              const auto at = env.find(name);
              return at == env.end() ? std::nullopt : std::optional{at->second};
            },
            [this](const std::string& path) -> result<std::string> {
              const auto at = files.find(path);
              if (at == files.end())
                return error{errc::not_found, "no such file"};
              return at->second;
            },
            "/srv",
            "/opt/bin",
            uid,
            [this](const std::string&) { return has_bash; }};
  }

  [[nodiscard]] result<std::variant<options, print_and_exit>>
  parse(const std::vector<std::string>& args) const {
    return parse_options(args, sources());
  }

  [[nodiscard]] options good(const std::vector<std::string>& args) const {
    auto out = parse(args);
    if (!out)
      FAIL(out.error().detail);
    return std::get<options>(*out);
  }

  [[nodiscard]] error bad(const std::vector<std::string>& args) const {
    const auto out = parse(args);
    REQUIRE(out.has_error());
    return out.error();
  }

  [[nodiscard]] std::string printed(const std::string& arg) const {
    const auto out = parse({arg});
    REQUIRE(out.has_value());
    return std::get<print_and_exit>(*out).text;
  }
};

} // namespace outrigger::test
