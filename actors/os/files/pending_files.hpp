// PENDING FILES: which names we made for a moment, so that the next start can
// remove what a killed daemon left.
//
//   writer ── note(path) ─► slot of a mapped file ─► forget, or the next start
//
// A file of fixed size in the state directory, mapped and shared: what was
// written there is there for the next process, without a system call, however
// this one ends. Made at the start; used by any thread.
#pragma once

#include "actors/os/result.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger::os {

/// Names made for a moment begin and end like this; nothing else is ever
/// removed.
inline constexpr std::string_view pending_prefix = ".outrigger-";
inline constexpr std::string_view pending_suffix = ".tmp";

class pending_files {
public:
  /// As many names at a time: more writers wait for nobody, they fail (EBUSY).
  static constexpr std::size_t max_names = 256;

  /// Opens or makes the file. Locked by nobody: the runtime directory's lock
  /// sees to it that there is one daemon.
  static result<std::unique_ptr<pending_files>> open(const std::string& path);
  pending_files(const pending_files&) = delete;
  pending_files& operator=(const pending_files&) = delete;
  ~pending_files();

  /// What the processes before us left: absolute paths, each with a name as
  /// above. Told once; but they stay in the file until their slots are needed,
  /// so that the next start hears of them too if we are killed before they are
  /// removed, or cannot remove them.
  [[nodiscard]] std::vector<std::string> take_left();

  /// For when all of them are removed: the next start hears of none.
  void forget_left() noexcept;

  /// A name for a moment, ".outrigger-<random>.tmp".
  [[nodiscard]] static result<std::string> make_name();

  /// One noted path; forgotten when this ends.
  class note {
  public:
    note() noexcept = default;
    note(note&& other) noexcept;
    note& operator=(note&& other) noexcept;
    ~note();

  private:
    friend pending_files;
    note(pending_files* owner, std::size_t slot) noexcept
        : owner_(owner), slot_(slot) {}
    pending_files* owner_ = nullptr;
    std::size_t slot_ = 0;
  };
  /// Before the name is made. EBUSY: too many; ENAMETOOLONG.
  [[nodiscard]] result<note> add(std::string_view absolute_path);

private:
  class mapping;
  explicit pending_files(std::unique_ptr<mapping> map);
  void forget(std::size_t slot) noexcept;
  std::unique_ptr<mapping> map_;
};

/// Removes what take_left() told of, folders with all that is in them; what
/// cannot be removed is named in the result. Only what is beneath one of the
/// roots and has a name as above is touched.
[[nodiscard]] std::vector<std::string>
remove_left(const std::vector<std::string>& paths,
            const std::vector<const class root_dir*>& roots);

} // namespace outrigger::os
