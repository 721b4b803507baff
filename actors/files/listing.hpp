// LISTING: the entries of a folder, or of all below it, as a client asked for
// them: left out what .gitignore and the query's filters leave out, with the
// digests and contents it wants. One after another, so that it may be
// streamed. Blocks; used by one thread at a time.

#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "actors/files/ignore_filter.hpp"
#include "actors/files/workspace.hpp"
#include "actors/os/files/tree_walk.hpp"
#include "protocol/files/file_entry.hpp"
#include "protocol/files/oblien_listing.hpp"

namespace outrigger {

class listing {
public:
  [[nodiscard]] static result<std::unique_ptr<listing>>
  begin(const file_place& place, const list_query& query);

  /// The next entry; null at the end, or when asked to stop. What is open at
  /// the moment is at entry.depth, 1 being the folder's own entries.
  [[nodiscard]] std::optional<file_entry> next(const std::stop_token& stop);

private:
  listing(const file_place& place, const list_query& query);
  [[nodiscard]] bool wanted(const os::walk_entry& entry) const;
  void look_inside(const os::walk_entry& entry, file_entry& out,
                   const std::stop_token& stop);

  file_place place_;
  list_query query_;
  ignore_filter filter_;
  std::optional<os::tree_walk> walk_;
  std::uint64_t budget_ = 0; // bytes of content still to be given
};

/// The .gitignore files above a place, up to the root it is in, and before them
/// what is only in this clone's .git/info/exclude: what a walk that begins at
/// the place must heed as well.
[[nodiscard]] std::vector<outer_ignore> ignores_above(const file_place& place);

} // namespace outrigger
