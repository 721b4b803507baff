// Somebody who makes, moves and removes folders and files at random, and what
// is there in the end.
#pragma once

#include "tests/os/file_tree.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>

namespace outrigger::os::test {

using dice = std::mt19937_64;

[[nodiscard]] std::size_t roll(dice& of, std::size_t sides);

/// Path, and whether it is a folder.
using entries = std::map<std::string, bool>;

[[nodiscard]] std::string joined(const std::string& folder,
                                 const std::string& name);

/// Adds what is in a folder, but for names left out. Without links.
void list(const std::string& real, const std::string& shown,
          const std::set<std::string>& left_out, entries& out);

// What is below a path, as it is known.
void copy(entries& all, const std::string& from, const std::string& to);
void forget(entries& all, const std::string& path); // and itself

/// Those of some folders that the kernel watches for nobody in this process, a
/// line each.
[[nodiscard]] std::string without_watch(const std::set<std::string>& folders);

/// Names a few and depths small, so that all get in each other's way.
class mess {
public:
  /// `crowd`: entries made at a time, now and then.
  mess(const file_tree& tree, std::uint64_t seed, std::size_t crowd)
      : tree_{tree}, dice_{seed}, crowd_{crowd} {}

  /// One thing more; in the root, mostly, or in "outside" beside it.
  void step();

private:
  [[nodiscard]] std::string place();
  [[nodiscard]] std::string file();
  void fill(const std::string& folder) const;

  const file_tree& tree_;
  dice dice_;
  std::size_t crowd_;
};

} // namespace outrigger::os::test
