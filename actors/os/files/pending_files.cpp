#include "actors/os/files/pending_files.hpp"

#include "actors/os/error.hpp"
#include "actors/os/files/root_dir.hpp"
#include "actors/os/files/tree_removal.hpp"
#include "actors/os/random_bytes.hpp"
#include "actors/os/unique_fd.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

namespace outrigger::os {

namespace {

enum class slot_state : std::uint32_t {
  free = 0,
  writing = 1, // the name is not made before it is noted
  noted = 2,
  left = 3, // by a process before us; may be overwritten
};

/// One name. What is in the file is not trusted: every bit of it may be wrong.
struct slot {
  std::atomic<slot_state> state;
  std::array<char, 4096 - sizeof(slot_state)> path; // ends with a NUL
};
static_assert(sizeof(slot) == 4096);
static_assert(std::atomic<slot_state>::is_always_lock_free);

bool has_odd_component(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1); // the slash
    const auto end = std::min(path.find('/'), path.size());
    const auto name = path.substr(0, end);
    if (name.empty() || name == "." || name == "..")
      return true;
    path.remove_prefix(end);
  }
  return false;
}

/// An absolute path, without detours, of something with a name of ours.
bool is_pending_path(std::string_view path) {
  if (!path.starts_with('/') || has_odd_component(path))
    return false;
  const auto name = path.substr(path.rfind('/') + 1);
  return name.starts_with(pending_prefix) && name.ends_with(pending_suffix) &&
         name.size() > pending_prefix.size() + pending_suffix.size();
}

std::optional<std::string> left_in(const slot& from) {
  const auto state = from.state.load(std::memory_order_acquire);
  if (state != slot_state::noted && state != slot_state::left)
    return std::nullopt;
  const auto size = ::strnlen(from.path.data(), from.path.size());
  std::string path{from.path.data(), size};
  if (size == from.path.size() || !is_pending_path(path))
    return std::nullopt;
  return path;
}

} // namespace

class pending_files::mapping {
public:
  static constexpr std::size_t size = max_names * sizeof(slot);

  explicit mapping(void* memory) noexcept
      : slots_(static_cast<slot*>(memory)) {}
  mapping(const mapping&) = delete;
  mapping& operator=(const mapping&) = delete;
  ~mapping() { ::munmap(slots_, size); }

  [[nodiscard]] slot& operator[](std::size_t index) noexcept {
    return slots_[index];
  }

  std::vector<std::string> left;

private:
  slot* slots_;
};

pending_files::pending_files(std::unique_ptr<mapping> map)
    : map_(std::move(map)) {
  for (std::size_t i = 0; i < max_names; ++i) {
    auto path = left_in((*map_)[i]);
    (*map_)[i].state = path ? slot_state::left : slot_state::free;
    if (path)
      map_->left.push_back(std::move(*path));
  }
}

pending_files::~pending_files() = default;

result<std::unique_ptr<pending_files>>
pending_files::open(const std::string& path) {
  const unique_fd file(::open(
      path.c_str(),
      O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0)
    return os_error();
  if (!S_ISREG(status.st_mode))
    return make_error_code(errc::not_a_file);
  // All of its blocks: a page that the full disk has no room for would end the
  // process when it is written to.
  constexpr auto size = static_cast<off_t>(mapping::size);
  if (::ftruncate(file.get(), size) != 0)
    return os_error();
  if (const int error = ::posix_fallocate(file.get(), 0, size))
    return os_error(error);
  void* memory = ::mmap(nullptr, mapping::size, PROT_READ | PROT_WRITE,
                        MAP_SHARED, file.get(), 0);
  if (memory == MAP_FAILED)
    return os_error();
  return std::unique_ptr<pending_files>{
      new pending_files{std::make_unique<mapping>(memory)}};
}

std::vector<std::string> pending_files::take_left() {
  return std::exchange(map_->left, {});
}

void pending_files::forget_left() noexcept {
  for (std::size_t i = 0; i < max_names; ++i) {
    auto left = slot_state::left;
    (*map_)[i].state.compare_exchange_strong(left, slot_state::free);
  }
}

result<std::string> pending_files::make_name() {
  std::array<unsigned char, 16> random{};
  if (auto error = fill_random(random))
    return error;
  std::string name{pending_prefix};
  for (const auto byte : random) {
    constexpr std::string_view digits = "0123456789abcdef";
    name += digits[byte >> 4];
    name += digits[byte & 15];
  }
  return name += pending_suffix;
}

result<pending_files::note> pending_files::add(std::string_view absolute_path) {
  if (absolute_path.size() >= std::tuple_size_v<decltype(slot::path)>)
    return os_error(ENAMETOOLONG);
  if (!is_pending_path(absolute_path))
    return os_error(EINVAL);
  for (const auto usable : {slot_state::free, slot_state::left})
    for (std::size_t i = 0; i < max_names; ++i) {
      auto& to = (*map_)[i];
      auto state = usable;
      if (to.state.load(std::memory_order_relaxed) != usable ||
          !to.state.compare_exchange_strong(state, slot_state::writing,
                                            std::memory_order_acquire))
        continue;
      std::memcpy(to.path.data(), absolute_path.data(), absolute_path.size());
      to.path[absolute_path.size()] = '\0';
      to.state.store(slot_state::noted, std::memory_order_release);
      return note{this, i};
    }
  return os_error(EBUSY);
}

void pending_files::forget(std::size_t slot) noexcept {
  (*map_)[slot].state.store(slot_state::free, std::memory_order_release);
}

pending_files::note::note(note&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), slot_(other.slot_) {}

pending_files::note& pending_files::note::operator=(note&& other) noexcept {
  if (this == &other)
    return *this;
  if (owner_ != nullptr)
    owner_->forget(slot_);
  owner_ = std::exchange(other.owner_, nullptr);
  slot_ = other.slot_;
  return *this;
}

pending_files::note::~note() {
  if (owner_ != nullptr)
    owner_->forget(slot_);
}

// -- what was left ------------------------------------------------------------

namespace {

/// The path below the root; empty when it is not there.
std::string_view below(const root_dir& root, std::string_view path) {
  std::string_view own = root.path();
  if (own == "/")
    own = {};
  if (!path.starts_with(own) || path.size() <= own.size() + 1 ||
      path[own.size()] != '/')
    return {};
  return path.substr(own.size() + 1);
}

/// The innermost root wins.
const root_dir* root_of(std::string_view path,
                        const std::vector<const root_dir*>& roots) {
  const root_dir* best = nullptr;
  for (const auto* root : roots)
    if (!below(*root, path).empty() &&
        (best == nullptr || root->path().size() > best->path().size()))
      best = root;
  return best;
}

std::error_code remove_one(const root_dir& root, std::string_view path) {
  const auto place = root.find(below(root, path));
  if (!place)
    return place.error();
  return remove_tree(place->folder.get(), place->name, {}).error();
}

} // namespace

std::vector<std::string>
remove_left(const std::vector<std::string>& paths,
            const std::vector<const root_dir*>& roots) {
  std::vector<std::string> stayed;
  for (const auto& path : paths) {
    const auto* root = is_pending_path(path) ? root_of(path, roots) : nullptr;
    if (root == nullptr) {
      stayed.push_back(path);
      continue;
    }
    const auto error = remove_one(*root, path);
    if (error && error != std::errc::no_such_file_or_directory)
      stayed.push_back(path);
  }
  return stayed;
}

} // namespace outrigger::os
