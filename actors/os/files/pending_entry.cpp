#include "actors/os/files/pending_entry.hpp"

#include "actors/os/files/renaming.hpp"
#include "actors/os/files/tree_removal.hpp"

#include <utility>

namespace outrigger::os {

namespace {

std::string absolute(const root_dir& root, const std::string& folder,
                     const std::string& name) {
  std::string path = root.path() == "/" ? "" : root.path();
  if (!folder.empty())
    (path += '/') += folder;
  return (path += '/') += name;
}

} // namespace

pending_entry::pending_entry(int folder, std::string name, std::string target,
                             pending_files::note note) noexcept
    : folder_(folder), name_(std::move(name)), target_(std::move(target)),
      note_(std::move(note)) {}

pending_entry::pending_entry(pending_entry&& other) noexcept
    : folder_(other.folder_), name_(std::exchange(other.name_, {})),
      target_(std::move(other.target_)), note_(std::move(other.note_)) {}

pending_entry::~pending_entry() {
  if (!name_.empty())
    (void)remove_tree(folder_, name_, {});
}

result<pending_entry> pending_entry::make(const root_dir& root,
                                          const root_dir::place& target,
                                          pending_files& pending) {
  auto name = pending_files::make_name();
  if (!name)
    return name.error();
  auto note = pending.add(absolute(root, target.folder_path, *name));
  if (!note)
    return note.error();
  return pending_entry{target.folder.get(), std::move(*name), target.name,
                       std::move(*note)};
}

std::error_code pending_entry::take_name() {
  return renamed(rename_new(folder_, name_, folder_, target_));
}

std::error_code pending_entry::replace() {
  return renamed(rename_over(folder_, name_, folder_, target_));
}

std::error_code pending_entry::displace() {
  return exchange(folder_, name_, folder_, target_);
}

std::error_code pending_entry::renamed(std::error_code error) noexcept {
  if (!error)
    name_.clear();
  return error;
}

} // namespace outrigger::os
