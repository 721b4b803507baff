// Limits of the wire protocols, each with the sentence that states it.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace outrigger::limits {

using namespace std::chrono_literals;

/// "WS message 1 MiB": the largest inbound WebSocket message. A larger one
/// closes the connection with 1009.
inline constexpr std::size_t max_message = 1024 * 1024;

/// Inbound bytes of one connection that may wait for slow programs before its
/// socket is no longer read. "1 MiB of input to a program that never reads"
/// must not hold up the socket's other terminals, so it is more than that.
inline constexpr std::size_t read_window = 2 * max_message;

/// A socket that has not shown a credential may send one frame this long.
inline constexpr std::size_t max_unauthenticated_message = 4096;

/// "limited to one authenticate frame … and a deadline (10 s)".
inline constexpr auto authenticate_timeout = 10s;

/// "HTTP header 8 KiB, ≤ 100 headers, target ≤ 4 KiB".
inline constexpr std::size_t max_http_header = 8 * 1024;
inline constexpr std::size_t max_http_fields = 100;
inline constexpr std::size_t max_target = 4 * 1024;

/// The largest JSON body of a REST call kept in memory.
inline constexpr std::size_t max_http_body = 1024 * 1024;

/// "upload by streaming (never in memory) with quota".
inline constexpr std::size_t max_upload = std::size_t{16} * 1024 * 1024 * 1024;

/// Of a body that is read or sent while it is used: what one piece of it may
/// hold. Less than what the daemon's allocator gets from the kernel and gives
/// back each time (limit_allocator() in daemon.cpp), which would cost TLS as
/// much again as it takes.
inline constexpr std::size_t max_body_piece = 192 * 1024;

/// Of a body that is streamed to us, so much must come within the body
/// timeout, which has no other end.
inline constexpr std::size_t least_upload = 1024;

/// Bytes a second that buy an answer more time than its fixed share.
inline constexpr std::size_t slowest_download = 16 * 1024;

/// "JSON depth ≤ 32".
inline constexpr std::size_t max_json_depth = 32;

/// "header 10 s, body idle 30 s, keep-alive idle 60 s, write 30 s".
inline constexpr auto http_header_timeout = 10s;
inline constexpr auto http_body_timeout = 30s;
inline constexpr auto http_idle_timeout = 60s;
inline constexpr auto write_timeout = 30s;

/// "≤ 1,000 requests per connection".
inline constexpr std::size_t max_requests_per_connection = 1000;

/// "ping 45 s, pong 120 s": a peer silent for this long is gone; a ping goes
/// out when it was silent for the shorter time.
inline constexpr auto websocket_ping_interval = 45s;
inline constexpr auto websocket_pong_timeout = 120s;

/// A message in more pieces than this closes the connection with 1008: a
/// megabyte in pieces of 256 bytes is still taken.
inline constexpr std::size_t max_message_fragments = 4096;

/// "unauthenticated connections ≤ 64 with random early drop from 32".
inline constexpr std::size_t max_unauthenticated_connections = 64;

/// What the daemon may use of the machine's memory before it sheds load, when
/// neither an option nor a control group says less.
inline constexpr std::size_t default_memory_budget =
    std::size_t{512} * 1024 * 1024;

/// permessage-deflate, when it is on: see docs/decisions/0006.
inline constexpr int deflate_server_window_bits = 12;
inline constexpr int deflate_client_window_bits = 12;
inline constexpr bool deflate_no_context_takeover = false;
inline constexpr int deflate_level = 1;
inline constexpr int deflate_memory_level = 5;
/// Smaller messages, such as an echo, go as they are.
inline constexpr std::size_t deflate_threshold = 256;

/// "at exp send auth_expiring, 60 s grace for an in-band refresh".
inline constexpr auto auth_grace = 60s;

/// "JWT: size ≤ 8 KiB, nbf/iat leeway 30 s, lifetime ≤ 24 h, HMAC key ≥ 32
/// bytes". The text of a key is a few hundred bytes.
inline constexpr std::size_t max_jwt = 8 * 1024;
inline constexpr auto jwt_leeway = 30s;
inline constexpr std::chrono::seconds max_jwt_lifetime = 24h;
inline constexpr std::size_t min_jwt_secret = 32;
inline constexpr std::size_t max_jwt_key_text = 64 * 1024;

/// "single-use, 30 s, path-bound ticket".
inline constexpr auto ticket_lifetime = 30s;

/// "limit 10 per workspace by default": terminals alive at a time.
inline constexpr std::size_t default_terminal_limit = 10;

/// Terminal ids are the decimal form of one byte, "1" to "255".
inline constexpr std::uint8_t min_terminal_id = 1;
inline constexpr std::uint8_t max_terminal_id = 255;

/// "64 KiB ring": scrollback replayed to a new viewer unless the creator asked
/// for more, "up to 16 MiB by scrollback_size".
inline constexpr std::size_t default_scrollback = 64 * 1024;
inline constexpr std::size_t min_scrollback = 1024;
inline constexpr std::size_t max_scrollback = 16 * 1024 * 1024;

/// "Ring capacity 256 KiB by default and at least the requested scrollback".
inline constexpr std::size_t default_ring = 256 * 1024;

/// "sends the next slice, at most 64 KiB, as one frame"; "when several
/// terminals of one socket have output, frames are small (4-8 KiB)".
inline constexpr std::size_t max_slice = 64 * 1024;
inline constexpr std::size_t shared_slice = 8 * 1024;

/// "once a client has acked, at most 256 KiB are in flight beyond the last".
inline constexpr std::size_t ack_window = 256 * 1024;

/// "Input: bounded at 64 KiB per terminal".
inline constexpr std::size_t input_chunk = 64 * 1024;

/// Input that clients which have gone may leave to a terminal whose program
/// does not read: as much as one connection may have under way, which is a
/// message more than the window.
inline constexpr std::size_t left_input = read_window + max_message;

/// Bytes of scrollback one REST answer holds: encoding 16 MiB would block the
/// loop for 100 ms, and readers that do not read would hold copies.
inline constexpr std::size_t max_scrollback_answer = 1024 * 1024;

/// "One that has not advanced for 5 s while output waits becomes latest".
inline constexpr auto lossless_patience = 5s;

/// "Dead sessions stay listed with their exit code until deleted or 1 h".
inline constexpr auto dead_session_ttl = 1h;

/// "list 50,000 entries": of one answer; a stream has no such end.
inline constexpr std::size_t max_listed_entries = 50'000;
/// "max_depth=20".
inline constexpr std::size_t default_list_depth = 20;
inline constexpr std::size_t max_list_depth = 64;
/// "max_content_budget", about 50 MiB there. All of it is one answer in memory.
inline constexpr std::size_t max_content_budget = std::size_t{16} << 20;

/// A file that is answered within JSON: as the runtime API, "10 MiB". Larger
/// ones are read raw, or by lines.
inline constexpr std::size_t max_json_read = std::size_t{10} << 20;
/// A body that writes a file from within JSON, where base64 needs a third more.
inline constexpr std::size_t max_json_write = std::size_t{16} << 20;

/// What the network edge allows; the defaults are the documented values and
/// every one is an option.
struct edge_limits {
  // Times.
  std::chrono::milliseconds header_timeout = http_header_timeout;
  std::chrono::milliseconds body_timeout = http_body_timeout;
  std::chrono::milliseconds idle_timeout = http_idle_timeout;
  std::chrono::milliseconds write_timeout = limits::write_timeout;
  std::chrono::milliseconds auth_timeout = authenticate_timeout;
  std::chrono::milliseconds ping_interval = websocket_ping_interval;
  std::chrono::milliseconds pong_timeout = websocket_pong_timeout;
  // Bytes.
  std::size_t max_header = max_http_header;
  std::size_t max_body = max_http_body;
  std::size_t max_upload = limits::max_upload;
  std::size_t max_message = limits::max_message;
  std::size_t memory_budget = default_memory_budget;
  // Counts.
  std::size_t max_fields = max_http_fields;
  std::size_t max_requests = max_requests_per_connection;
  std::size_t max_fragments = max_message_fragments;
  std::size_t max_unauthenticated = max_unauthenticated_connections;
  // Bytes a second; not an option.
  std::size_t slowest_answer = slowest_download;
};

/// Window sizes: what every program can draw in. 0 and absurd values are
/// refused with 400.
inline constexpr std::uint16_t max_cols = 2000;
inline constexpr std::uint16_t max_rows = 1000;

} // namespace outrigger::limits
