// The part of the sandbox that is about files (Landlock): everything is
// refused but the trees that are named.
#pragma once

#include "actors/os/result.hpp"
#include "actors/os/unique_fd.hpp"

#include <cstdint>
#include <string>

namespace outrigger::os {

/// The newest version of the kernel's interface this program knows.
inline constexpr int newest_landlock_abi = 7;

/// The version the kernel offers, 1 or more. ENOSYS: none; EOPNOTSUPP: there,
/// but off.
result<int> landlock_abi();

class file_rules {
public:
  /// Nothing is allowed yet. Restricts all kinds of access the version knows.
  static result<file_rules> make(int abi);

  // Each allows something in a tree, or for one file. Fails with the reason
  // the path cannot be opened.
  std::error_code allow_writing(const std::string& path);
  std::error_code allow_reading(const std::string& path);
  /// Making, replacing and removing unix sockets in the directory.
  std::error_code allow_sockets(const std::string& path);

  /// From here on the rules hold for the calling thread and all it starts.
  /// Needs no_new_privs, or CAP_SYS_ADMIN.
  std::error_code enforce() const;

private:
  file_rules(int ruleset, std::uint64_t handled) noexcept;
  std::error_code allow(const std::string& path, std::uint64_t access);

  unique_fd ruleset_;
  std::uint64_t handled_ = 0;
};

} // namespace outrigger::os
