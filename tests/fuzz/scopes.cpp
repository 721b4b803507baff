// Two sets of scopes, on a line each.

#include "protocol/scopes.hpp"

#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

namespace {

constexpr scope every_scope[] = {scope::read,  scope::terminal, scope::files,
                                 scope::agent, scope::ports,    scope::computer,
                                 scope::admin};

void check_one(const scope_set& set) {
  fuzz::require(!set.empty(), "there is at least one scope");
  const auto again = parse_scopes(set.to_text());
  fuzz::require(again && *again == set, "the canonical text is the same set");
  fuzz::require(scope_set::everything().covers(set), "all covers it");
  for (const auto need : every_scope)
    fuzz::require(!set.allows(need) || set.allows_some(need),
                  "who has the whole has some of it");
  fuzz::require(set.on_file("/a/../b") == right::none ||
                    set.allows(scope::read) || set.allows(scope::files),
                "a path that climbs is in no narrowed folder");
}

/// What `narrow` may, `wide` may too.
void check_covered(const scope_set& wide, const scope_set& narrow) {
  for (const auto need : every_scope)
    fuzz::require(!narrow.allows(need) || wide.allows(need), "scopes");
  for (int id = 1; id < 256; ++id) {
    const auto byte = static_cast<std::uint8_t>(id);
    fuzz::require(narrow.on_terminal(byte) <= wide.on_terminal(byte),
                  "terminals");
  }
  for (const auto* path : {"/", "/a", "/a/b", "/docs", "/docs/a", "/docs-x"})
    fuzz::require(narrow.on_file(path) <= wide.on_file(path), "files");
  constexpr std::uint16_t ports[] = {1, 80, 8080, 65535};
  for (const auto port : ports)
    fuzz::require(!narrow.on_port(port) || wide.on_port(port), "ports");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::view_of(data, size);
  const auto one = parse_scopes(fuzz::take_line(rest));
  const auto other = parse_scopes(rest);
  for (const auto* parsed : {&one, &other}) {
    if (*parsed)
      check_one(**parsed);
    else
      fuzz::require(parsed->error().code == errc::malformed &&
                        !parsed->error().detail.empty(),
                    "a refusal says why");
  }
  if (one && other && one->covers(*other))
    check_covered(*one, *other);
  return 0;
}
