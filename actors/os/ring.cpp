#include "actors/os/ring.hpp"

#include "actors/os/error.hpp"
#include "actors/os/event_fd.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

namespace outrigger::os {

// The shared page. Each side's fields have a cache line of their own.
struct ring_header {
  std::uint64_t magic = 0;
  std::uint32_t version = 0;
  std::uint32_t header_size = 0;
  std::uint64_t capacity = 0;

  // Written by the writer. `reserved` is the offset up to which it may be
  // writing at this moment: stored before each read(2) into the ring.
  alignas(64) std::atomic<std::uint64_t> head{0};
  std::atomic<std::uint64_t> reserved{0};
  std::atomic<std::uint32_t> stalled{0}; // waits for the credit eventfd

  // Written by the reader.
  alignas(64) std::atomic<std::uint64_t> credit{free_running};
  std::atomic<std::uint32_t> notified{0}; // a wake-up was sent, not armed yet

  // Written once; `exited` last.
  alignas(64) std::atomic<std::uint32_t> exited{0};
  std::uint32_t signaled = 0;
  std::int32_t value = 0;
  std::uint64_t end_offset = 0;
  std::int64_t unix_ms = 0;
};

namespace {

constexpr std::uint64_t ring_magic = 0x676e69722d72726f; // "orr-ring"
constexpr std::uint32_t ring_version = 1;
constexpr std::size_t header_bytes = 4096;

static_assert(sizeof(ring_header) <= header_bytes);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

std::size_t page_size() noexcept {
  return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// The oldest offset that a writer which reserved up to `reserved` spares.
std::uint64_t oldest(std::uint64_t reserved, std::size_t capacity) noexcept {
  return reserved > capacity ? reserved - capacity : 0;
}

} // namespace

// -- memory -------------------------------------------------------------------

ring_memory::ring_memory(ring_memory&& other) noexcept
    : header_(std::exchange(other.header_, nullptr)),
      data_(std::exchange(other.data_, nullptr)),
      capacity_(std::exchange(other.capacity_, 0)) {}

ring_memory& ring_memory::operator=(ring_memory&& other) noexcept {
  if (this != &other) {
    unmap();
    header_ = std::exchange(other.header_, nullptr);
    data_ = std::exchange(other.data_, nullptr);
    capacity_ = std::exchange(other.capacity_, 0);
  }
  return *this;
}

ring_memory::~ring_memory() {
  unmap();
}

void ring_memory::unmap() noexcept {
  if (header_ != nullptr)
    ::munmap(header_, header_bytes + 2 * capacity_);
}

result<ring_memory> ring_memory::map(int memfd, std::size_t capacity) {
  // One reservation of address space, so that the three parts are adjacent.
  const std::size_t whole = header_bytes + 2 * capacity;
  void* base =
      ::mmap(nullptr, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED)
    return os_error();
  char* bytes = static_cast<char*>(base);
  const int access = PROT_READ | PROT_WRITE;
  const int flags = MAP_SHARED | MAP_FIXED;
  if (::mmap(bytes, header_bytes + capacity, access, flags, memfd, 0) ==
          MAP_FAILED ||
      ::mmap(bytes + header_bytes + capacity, capacity, access, flags, memfd,
             header_bytes) == MAP_FAILED) {
    const auto error = os_error();
    ::munmap(base, whole);
    return error;
  }
  ring_memory memory;
  memory.header_ = std::launder(reinterpret_cast<ring_header*>(bytes));
  memory.data_ = bytes + header_bytes;
  memory.capacity_ = capacity;
  return memory;
}

// -- reader -------------------------------------------------------------------

result<ring> ring::attach(int memfd, int credit_event) {
  struct stat status {};
  if (::fstat(memfd, &status) != 0)
    return os_error();
  // Sealed against shrinking: otherwise a touch could raise SIGBUS.
  const int seals = ::fcntl(memfd, F_GET_SEALS);
  if (seals < 0 || (seals & F_SEAL_SHRINK) == 0 ||
      static_cast<std::size_t>(status.st_size) <
          header_bytes + min_ring_capacity ||
      static_cast<std::size_t>(status.st_size) >
          header_bytes + max_ring_capacity)
    return make_error_code(errc::bad_ring);
  const std::size_t capacity =
      static_cast<std::size_t>(status.st_size) - header_bytes;
  if (capacity % page_size() != 0)
    return make_error_code(errc::bad_ring);
  auto memory = ring_memory::map(memfd, capacity);
  if (!memory)
    return memory.error();
  const ring_header& header = memory->header();
  if (header.magic != ring_magic || header.version != ring_version ||
      header.header_size != header_bytes || header.capacity != capacity)
    return make_error_code(errc::bad_ring);
  return ring(std::move(*memory), credit_event);
}

std::size_t ring::capacity() const noexcept {
  return memory_.capacity();
}

std::uint64_t ring::head() const noexcept {
  return memory_.header().head.load(std::memory_order_acquire);
}

std::uint64_t ring::tail() const noexcept {
  const auto reserved = memory_.header().reserved.load();
  return std::min(oldest(reserved, capacity()), head());
}

ring_slice ring::read(std::uint64_t from, std::span<char> out) const noexcept {
  // The order matters: the head first, so that tail <= head holds for it too
  // unless the writer went round meanwhile.
  const std::uint64_t end = head();
  const std::uint64_t begin =
      std::max(from, oldest(memory_.header().reserved.load(), capacity()));
  if (begin >= end)
    return {std::max(from, std::min(begin, end)), 0};
  const std::size_t size = static_cast<std::size_t>(
      std::min<std::uint64_t>(end - begin, out.size()));
  if (size > capacity()) // only a broken writer: its head leapt
    return {end, 0};
  std::memcpy(out.data(), memory_.at(begin), size);
  // What was overwritten while it was copied must not be seen.
  std::atomic_thread_fence(std::memory_order_acquire);
  const std::uint64_t valid =
      oldest(memory_.header().reserved.load(), capacity());
  if (valid <= begin)
    return {begin, size};
  if (valid >= begin + size)
    return {begin + size, 0};
  const std::size_t gone = static_cast<std::size_t>(valid - begin);
  std::memmove(out.data(), out.data() + gone, size - gone);
  return {valid, size - gone};
}

bool ring::set_credit(std::uint64_t credit) const noexcept {
  // Sequentially consistent against the writer's reserve(): either it sees
  // this credit or we see what it reserved (and its stalled flag).
  ring_header& header = memory_.header();
  header.credit.store(credit);
  if (header.stalled.load() == 0 || header.stalled.exchange(0) == 0)
    return false;
  raise_event(credit_event_);
  return true;
}

std::uint64_t ring::credit() const noexcept {
  return memory_.header().credit.load();
}

bool ring::arm(std::uint64_t seen_head, bool seen_exit) const noexcept {
  ring_header& header = memory_.header();
  header.notified.store(0);
  return header.head.load() != seen_head ||
         (!seen_exit && header.exited.load() != 0);
}

std::optional<exit_status> ring::exited() const noexcept {
  const ring_header& header = memory_.header();
  if (header.exited.load() == 0)
    return std::nullopt;
  return exit_status{header.signaled != 0, header.value, header.end_offset,
                     header.unix_ms};
}

// -- writer -------------------------------------------------------------------

result<ring_writer> ring_writer::create(std::size_t capacity, int ready_event) {
  if (capacity < min_ring_capacity || capacity > max_ring_capacity)
    return os_error(EINVAL);
  capacity = (capacity + page_size() - 1) / page_size() * page_size();
  unique_fd memfd(
      ::memfd_create("outrigger-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memfd)
    return os_error();
  const auto size = static_cast<off_t>(header_bytes + capacity);
  const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  if (::ftruncate(memfd.get(), size) != 0 ||
      ::fcntl(memfd.get(), F_ADD_SEALS, seals) != 0)
    return os_error();
  auto memory = ring_memory::map(memfd.get(), capacity);
  if (!memory)
    return memory.error();
  auto* header = new (&memory->header()) ring_header;
  header->magic = ring_magic;
  header->version = ring_version;
  header->header_size = header_bytes;
  header->capacity = capacity;
  return ring_writer(std::move(memfd), std::move(*memory), ready_event);
}

std::size_t ring_writer::capacity() const noexcept {
  return memory_.capacity();
}

std::uint64_t ring_writer::credit() const noexcept {
  return ignore_credit_ ? free_running : memory_.header().credit.load();
}

std::span<char> ring_writer::reserve(std::size_t max) noexcept {
  ring_header& header = memory_.header();
  // A quarter at most: a reservation shortens what readers can get.
  const std::uint64_t wanted =
      std::min(max, std::max(capacity() / 4, min_ring_capacity / 2));
  for (;;) {
    const std::uint64_t limit = credit();
    const std::uint64_t room = limit > head_ ? limit - head_ : 0;
    const std::uint64_t size = std::min(wanted, room);
    if (size > 0) {
      header.reserved.store(head_ + size);
      if (credit() >= head_ + size)
        return {memory_.at(head_), static_cast<std::size_t>(size)};
      header.reserved.store(head_); // the reader took credit back: again
      continue;
    }
    header.stalled.store(1);
    if (credit() <= head_)
      return {};
    header.stalled.store(0);
  }
}

void ring_writer::publish(std::size_t size) noexcept {
  ring_header& header = memory_.header();
  head_ += size;
  if (size > 0)
    header.head.store(head_);
  header.reserved.store(head_);
  if (size > 0 && header.notified.exchange(1) == 0)
    wake_reader();
}

void ring_writer::pace() noexcept {
  memory_.header().credit.store(capacity());
}

void ring_writer::run_free() noexcept {
  memory_.header().credit.store(free_running);
  memory_.header().stalled.store(0);
}

void ring_writer::set_exited(exit_status status) noexcept {
  ring_header& header = memory_.header();
  if (header.exited.load() != 0)
    return;
  header.signaled = status.signaled ? 1 : 0;
  header.value = status.value;
  header.end_offset = head_;
  header.unix_ms = status.unix_ms;
  header.exited.store(1);
  header.notified.store(1);
  wake_reader();
}

bool ring_writer::exited() const noexcept {
  return memory_.header().exited.load() != 0;
}

void ring_writer::wake_reader() const noexcept {
  raise_event(ready_event_);
}

} // namespace outrigger::os
