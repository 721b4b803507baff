// Control protocol between daemon and holder: unix SEQPACKET, one struct per
// packet, descriptors by SCM_RIGHTS.
//
//   daemon -> holder   hello, spawn, list, signal, end, forget, ping, ...
//   holder -> daemon   one reply per request (list: sessions, then a reply),
//                      events exited and ended
//
// Both ends run on one machine and one byte order. The header's layout is the
// same in every version, so that each side can name the other's.
#pragma once

#include "actors/os/result.hpp"
#include "actors/os/unique_fd.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace outrigger::os::holder {

inline constexpr std::uint32_t protocol_magic = 0x4f525248; // "HRRO"
inline constexpr std::uint16_t protocol_version = 1;
inline constexpr std::size_t max_tag = std::size_t{8} << 10;
inline constexpr std::size_t max_packet = max_tag + 1024;
inline constexpr std::size_t max_packet_fds = 5;
inline constexpr std::size_t max_spawn_strings = std::size_t{8} << 20;

/// Environment variable that marks every process of a session: key in hex.
inline constexpr std::string_view session_variable = "OUTRIGGER_SESSION";

enum class verb : std::uint16_t {
  hello = 1,
  spawn,
  list,
  signal,
  end,
  forget,
  ping,
  close_input,
  listed = 100, // one session in answer to list
  exited,       // event: the leader ended
  ended,        // event: the end ladder found the session empty
};

/// The step of a spawn that failed.
enum class step : std::uint32_t {
  none,
  request,
  ring,
  pty,
  fork,
  cgroup, // never in a reply: a session does without
  chdir,
  exec,
};

enum class kind : std::uint8_t { pty, pipes };

struct header {
  std::uint32_t magic = protocol_magic;
  std::uint16_t version = protocol_version;
  holder::verb verb = verb::ping;
  std::uint64_t request = 0; // echoed by the reply; 0 in events
};

/// hello, list, ping.
struct plain_request {
  holder::header header;
};

/// signal, end, forget, close_input. `signo` matters to signal alone.
struct key_request {
  holder::header header;
  std::uint64_t key = 0;
  std::int32_t signo = 0;
  std::uint32_t reserved = 0;
};

/// Followed by `tag_size` bytes of tag. One descriptor: a sealed memfd of
/// `strings_size` bytes with NUL-terminated cwd, program, argv and env.
struct spawn_request {
  holder::header header;
  std::uint64_t ring_capacity = 0;
  std::uint64_t strings_size = 0;
  std::uint32_t argc = 0;
  std::uint32_t envc = 0;
  std::uint32_t tag_size = 0;
  std::uint16_t cols = 0;
  std::uint16_t rows = 0;
  holder::kind kind = kind::pty;
  std::uint8_t paced = 0; // begin without free-running output
  std::array<std::uint8_t, 6> reserved{};
};

/// `status` is 0 or an errno. `info` is the holder's pid in a hello's reply.
struct reply {
  holder::header header;
  std::int32_t status = 0;
  holder::step step = step::none;
  std::int64_t info = 0;
};

/// Answer to spawn (verb spawn) or one session of a list (verb listed),
/// followed by `tag_size` bytes. Descriptors: ring, [stderr ring,] ready
/// eventfd, credit eventfd, [pty master or stdin pipe].
struct session_packet {
  holder::header header;
  std::uint64_t key = 0;
  std::int64_t created_unix_ms = 0;
  std::int32_t pid = 0;
  std::uint32_t tag_size = 0;
  std::uint16_t cols = 0;
  std::uint16_t rows = 0;
  holder::kind kind = kind::pty;
  std::uint8_t has_input = 0;
  std::uint8_t ending = 0; // end was asked for; it may be over
  std::uint8_t reserved = 0;
};

/// exited and ended. `signaled` and `value` matter to exited alone.
struct event {
  holder::header header;
  std::uint64_t key = 0;
  std::uint32_t signaled = 0;
  std::int32_t value = 0;
};

static_assert(sizeof(header) == 16 && sizeof(key_request) == 32);
static_assert(sizeof(spawn_request) == 56 && sizeof(session_packet) == 48);
static_assert(sizeof(reply) == 32 && sizeof(event) == 32);

/// Reads a struct off a packet of exactly its size, or with `extra` bytes
/// behind it. Nothing when the size is another.
template <class T>
[[nodiscard]] std::optional<T> parse(std::span<const char> packet,
                                     std::size_t extra = 0) noexcept {
  static_assert(std::is_trivially_copyable_v<T>);
  if (packet.size() != sizeof(T) + extra)
    return std::nullopt;
  T value;
  std::memcpy(&value, packet.data(), sizeof(T));
  return value;
}

/// Reads the struct at the front of a packet, whatever follows it.
template <class T>
[[nodiscard]] std::optional<T>
parse_front(std::span<const char> packet) noexcept {
  if (packet.size() < sizeof(T))
    return std::nullopt;
  return parse<T>(packet.first(sizeof(T)));
}

/// The bytes of a packet: a struct, then its tag.
template <class T>
[[nodiscard]] std::string to_packet(const T& value, std::string_view tag = {}) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::string packet(sizeof(T), '\0');
  std::memcpy(packet.data(), &value, sizeof(T));
  packet += tag;
  return packet;
}

/// The tag behind a struct that has a tag_size; nothing if the sizes differ.
template <class T>
[[nodiscard]] std::optional<std::string_view>
tag_of(const T& value, std::span<const char> packet) noexcept {
  if (value.tag_size > max_tag || packet.size() != sizeof(T) + value.tag_size)
    return std::nullopt;
  return std::string_view(packet.data() + sizeof(T), value.tag_size);
}

/// How many descriptors belong to a session packet.
[[nodiscard]] std::size_t fd_count(const session_packet& packet) noexcept;

/// The strings of a spawn, as the holder reads them off the memfd.
struct spawn_strings {
  std::string cwd;
  std::string program;
  std::vector<std::string> argv;
  std::vector<std::string> env;
};

/// Splits the memfd's bytes. Nothing unless there are exactly the announced
/// strings, at least one argument, and every env entry has a name.
[[nodiscard]] std::optional<spawn_strings>
parse_strings(std::string_view bytes, std::size_t argc, std::size_t envc);
/// The inverse. Nothing when a string has a NUL in it or all are too long.
[[nodiscard]] std::optional<std::string> to_bytes(const spawn_strings& strings);

/// A packet as received; stray descriptors are closed with it.
struct received_packet {
  std::size_t size = 0;       // 0: the peer is gone
  std::vector<unique_fd> fds; // none if bytes or descriptors did not fit
};

/// Sends without blocking; EAGAIN when the socket is full.
std::error_code send_packet(int socket, std::string_view packet,
                            std::span<const int> fds = {}) noexcept;
/// Receives without blocking into `buffer`. EAGAIN: nothing there.
result<received_packet> receive_packet(int socket, std::span<char> buffer);

/// The key as OUTRIGGER_SESSION has it: 16 hex digits.
[[nodiscard]] std::string key_name(std::uint64_t key);

} // namespace outrigger::os::holder
