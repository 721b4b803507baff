#include "actors/files/watch_place.hpp"

#include <fcntl.h>

#include <utility>

#include "actors/files/faults.hpp"
#include "protocol/files/file_path.hpp"

namespace outrigger {

result<watch_place> find_watch_place(const workspace& files,
                                     std::string_view path, path_style style,
                                     const scope_set& scopes, right wanted) {
  auto place = files.locate(path, style, scopes, wanted);
  if (!place)
    return place.error();
  const auto opened = place->root.open(place->path, O_PATH | O_DIRECTORY);
  if (!opened)
    return to_error(opened.error(), path);
  const auto real = os::path_of(opened->get());
  if (!real)
    return to_error(real.error(), path);
  // The widest root, which outlasts a folder a narrower one may be.
  const auto roots = files.root_dirs();
  const os::root_dir* root = nullptr;
  for (const auto& each : roots)
    if (below(*real, each.path()) &&
        (!root || each.path().size() < root->path().size()))
      root = &each;
  if (!root)
    return file_error(file_fault::outside, path);
  return watch_place{{*root, std::string{*below(*real, root->path())}},
                     std::move(place->shown),
                     files.in_workspace(*real)};
}

right right_on_watched(const scope_set& scopes, std::string_view in_workspace) {
  return scopes.on_file(in_workspace.empty() ? "/" : in_workspace);
}

} // namespace outrigger
