// What a credential is good for: a set of scopes, some of them narrowed to one
// terminal, one folder or one port.
//
//   all  read  terminal  files  agent  ports  computer  admin
//   terminal:3  terminal:3:view  files:/docs  files:/docs:read  port:8080
//
// Values without any behaviour of their own: the gate and the actors ask.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"

namespace outrigger {

/// What a route needs (protocol/routes.hpp), or one unnarrowed scope.
enum class scope : std::uint8_t {
  none,     // public: nothing secret, nothing changed
  any,      // a credential, whatever it is good for; not a scope of its own
  read,     // looks at anything
  terminal, // creates, watches, types into and ends terminals
  files,    // reads and writes files
  agent,    // talks to agent sessions
  ports,    // reaches and manages ports of the workspace
  computer, // drives the desktop
  admin,    // manages the daemon itself
};

/// "read", "terminal", …
[[nodiscard]] std::string_view scope_name(scope which);

/// What a credential may do with one terminal, or with one file; each
/// includes the ones before.
enum class right : std::uint8_t { none, view, use };

class scope_set {
public:
  scope_set() = default; // nothing
  [[nodiscard]] static scope_set everything();

  /// The whole of `need`: `all`, the scope itself, or, for `read`, any
  /// unnarrowed scope that looks at all there is ("read" and "all" only).
  /// none is always allowed, any whenever there is some scope.
  [[nodiscard]] bool allows(scope need) const;

  /// Something of `need`, be it narrowed: whether a route about many things
  /// is worth asking, its answer then filtered. A whole `terminal`, `files`,
  /// … scope includes looking at its own kind.
  [[nodiscard]] bool allows_some(scope need) const;

  /// `read` and `terminal:3:view` view, `terminal`, `terminal:3` use.
  [[nodiscard]] right on_terminal(std::uint8_t id) const;

  /// `path` is absolute within the workspace and normalised ("/docs/a.md").
  /// A narrowed folder covers itself and everything below, by whole segments.
  [[nodiscard]] right on_file(std::string_view path) const;

  /// The widest folder that gives `wanted` on the file at `path`: "/" for the
  /// whole workspace, null when none does.
  [[nodiscard]] std::optional<std::string> folder_for(std::string_view path,
                                                      right wanted) const;

  [[nodiscard]] bool on_port(std::uint16_t port) const;

  /// Whether everything `other` allows is allowed here too.
  [[nodiscard]] bool covers(const scope_set& other) const;

  [[nodiscard]] bool empty() const { return entries_.empty(); }

  /// Canonical: sorted, without what another entry includes, blank-separated.
  [[nodiscard]] std::string to_text() const;

  friend bool operator==(const scope_set&, const scope_set&) = default;

private:
  friend result<scope_set> parse_scopes(std::string_view);

  struct entry {
    std::string kind;   // "all", "terminal", "files", "port", …
    std::string object; // "3", "/docs", "8080"; empty: the whole kind
    bool view = false;  // `:view` or `:read`
    friend auto operator<=>(const entry&, const entry&) = default;

    [[nodiscard]] bool includes(const entry& other) const;
  };
  [[nodiscard]] static result<entry> parse_entry(std::string_view text);
  [[nodiscard]] bool has(std::string_view kind) const; // the whole of it
  [[nodiscard]] bool covers_entry(const entry& wanted) const;
  [[nodiscard]] right right_on(const entry& object) const;
  void normalise();

  std::vector<entry> entries_;
};

/// Scopes separated by blanks or commas, at most 64, each at most 1 KiB. At
/// least one. Paths are absolute and normalised, and have no blank, comma or
/// colon. Malformed names the scope that is not one.
[[nodiscard]] result<scope_set> parse_scopes(std::string_view text);

} // namespace outrigger
