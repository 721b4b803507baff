#include "protocol/files/file_entry.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "protocol/ascii.hpp"
#include "protocol/base64.hpp"
#include "protocol/files/file_path.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/utf8.hpp"

namespace outrigger {

namespace {

constexpr std::int64_t ns_per_ms = 1'000'000;
constexpr std::int64_t ns_per_second = 1'000'000'000;

/// Rounded down, before 1970 too.
std::int64_t floor_ms(std::int64_t ns) {
  return ns / ns_per_ms - (ns % ns_per_ms < 0 ? 1 : 0);
}

constexpr auto code_extensions = std::to_array<std::string_view>(
    {".adb",    ".ads",   ".asm",   ".astro", ".awk",     ".bash",   ".bat",
     ".bzl",    ".c",     ".cc",    ".cfg",   ".cjs",     ".clj",    ".cljs",
     ".cmake",  ".conf",  ".cpp",   ".cs",    ".css",     ".cts",    ".cxx",
     ".d",      ".dart",  ".el",    ".elm",   ".erl",     ".ex",     ".exs",
     ".fish",   ".fs",    ".go",    ".gql",   ".graphql", ".groovy", ".h",
     ".hcl",    ".hh",    ".hpp",   ".hs",    ".htm",     ".html",   ".ini",
     ".ipynb",  ".java",  ".jl",    ".js",    ".json",    ".jsonc",  ".jsx",
     ".kt",     ".kts",   ".less",  ".lisp",  ".lua",     ".m",      ".md",
     ".mdx",    ".mjs",   ".ml",    ".mts",   ".nim",     ".nix",    ".php",
     ".pl",     ".proto", ".ps1",   ".py",    ".r",       ".rb",     ".rs",
     ".rst",    ".sass",  ".scala", ".scss",  ".sh",      ".sol",    ".sql",
     ".svelte", ".svg",   ".swift", ".tex",   ".tf",      ".toml",   ".ts",
     ".tsx",    ".vim",   ".vue",   ".xml",   ".yaml",    ".yml",    ".zig",
     ".zsh"});

constexpr auto code_names = std::to_array<std::string_view>(
    {"CMakeLists.txt", "Cargo.lock", "Dockerfile", "Gemfile", "Jenkinsfile",
     "Justfile", "Makefile", "Rakefile", "Vagrantfile", "go.mod"});

template <class Table>
bool holds(const Table& table, std::string_view text) {
  return std::find(table.begin(), table.end(), text) != table.end();
}

} // namespace

std::string to_etag(std::string_view version) {
  return std::string{"\""}.append(version).append("\"");
}

std::string to_zulu_time(std::int64_t ns) {
  auto text = to_rfc3339(floor_ms(ns)); // "….789Z"
  return text.replace(text.size() - 5, 5, "Z");
}

std::string to_offset_time(std::int64_t ns) {
  auto text = to_rfc3339(floor_ms(ns));
  text.resize(text.size() - 5);
  const auto rest = (ns % ns_per_second + ns_per_second) % ns_per_second;
  if (const auto micros = rest / 1000; micros != 0) {
    std::array<char, 16> digits{};
    std::snprintf(digits.data(), digits.size(), ".%06d",
                  static_cast<int>(micros));
    text += digits.data();
  }
  return text + "+00:00";
}

bool is_code(std::string_view name) {
  const auto extension = ascii::lower(extension_of(name));
  return holds(code_extensions, extension) || holds(code_names, name);
}

shown_content to_shown(std::string bytes) {
  if (bytes.find('\0') == std::string::npos && utf8::valid(bytes))
    return {std::move(bytes), false};
  return {to_base64(bytes), true};
}

result<std::string> from_shown(std::string content, std::string_view encoding,
                               std::string_view what) {
  const auto wanted = ascii::lower(encoding);
  if (wanted.empty() || wanted == "utf-8" || wanted == "utf8" ||
      wanted == "text")
    return content;
  const auto wrong = [&](std::string_view why) {
    return error{errc::malformed, std::string{what}.append(": ").append(why)};
  };
  if (wanted != "base64")
    return wrong("encoding must be utf-8 or base64");
  auto bytes = from_base64(content);
  if (!bytes)
    return wrong("content is not base64");
  return std::move(*bytes);
}

} // namespace outrigger
