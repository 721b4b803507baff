// Making old terminal output safe to show again.
//
// Replayed bytes reach an emulator that was not there when they were printed:
// a replay must not begin inside a UTF-8 character or an escape sequence, and
// a question the program once asked the terminal (its type, the cursor's
// position, a colour, the clipboard) must not be answered a second time, for
// the answer would be typed into the shell.
//
// Lengths never change: a stripped query is overwritten with NUL bytes, which
// every terminal ignores, so absolute offsets stay true.

#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace outrigger {

/// Sequences longer than this are taken for data, so that a stray ESC cannot
/// hold a stream back. Longer than any query in use.
inline constexpr std::size_t max_query_length = 4096;

/// Where in `bytes` a terminal may start that is to show them from `from` on;
/// what lies before only tells what `from` is in the middle of. Inside an
/// escape sequence, however long: where the sequence begins. Else just after
/// the next newline or at the next ESC, or, when neither comes within
/// max_query_length, at the next byte that begins a UTF-8 character.
///
/// `bytes` themselves were cut out of a stream at an unknown place. When the
/// first ESC in them is that of an `ESC \`, they began inside a string, and
/// nothing before its end is a place to start.
///
/// Returns bytes.size() when there is no such place.
[[nodiscard]] std::size_t safe_start(std::string_view bytes,
                                     std::size_t from = 0);

/// Overwrites with NUL every complete terminal query in `bytes`: ENQ; DA1-3
/// (CSI c), DSR and CPR (CSI n), DECRQM (CSI $p), window reports (CSI t that
/// ask), DECREQTPARM (CSI x), XTVERSION (CSI > q), kitty keyboard and
/// modifyOtherKeys queries (CSI ? u, CSI ? m), DECRQSS, XTGETTCAP and other
/// DCS requests, OSC 4/5/10-19/52 and other OSC whose value is a bare `?`,
/// APC kitty graphics queries; 7-bit and C1 8-bit (as UTF-8) introducers.
///
/// `bytes` must begin outside any sequence. Returns how many bytes are
/// complete: a sequence still open at the end is not counted unless it is
/// over max_query_length or `final` says that nothing follows. The rest, at
/// most twice that long, must be offered again with more bytes behind it.
///
/// A query that cuts another sequence off leaves `ESC \` at its place, for
/// with NULs alone the terminal would go on reading the other one.
std::size_t neutralise_queries(std::span<char> bytes, bool final);

} // namespace outrigger
