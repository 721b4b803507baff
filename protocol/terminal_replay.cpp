#include "protocol/terminal_replay.hpp"

#include <algorithm>

#include "protocol/terminal_query.hpp"

namespace outrigger {

namespace {

constexpr char enq = 0x05;
constexpr char bel = 0x07;
constexpr char can = 0x18;
constexpr char sub = 0x1A;
constexpr char esc = 0x1B;
constexpr char nul = 0x00;
/// The first byte of U+0080 to U+009F, the C1 controls, in UTF-8.
constexpr char c1_lead = '\xC2';

bool is_c0(char c) {
  return static_cast<unsigned char>(c) < 0x20;
}

bool is_c1_second(char c) {
  return static_cast<unsigned char>(c) >= 0x80 &&
         static_cast<unsigned char>(c) <= 0x9F;
}

enum class ending {
  complete, // [begin, end) is a whole sequence
  cut_off,  // as far as end, where another sequence begins
  open,     // the bytes end before the sequence does
};

struct sequence {
  sequence_kind kind = sequence_kind::other;
  ending how = ending::open;
  std::size_t body = 0;     // where the introducer ends
  std::size_t body_end = 0; // where the terminator begins
  std::size_t end = 0;
  bool aborted = false; // by CAN, SUB or a byte that has no place in it
};

/// Finds the end of one sequence, at most `most` bytes on.
class sequence_reader {
public:
  sequence_reader(std::string_view bytes, std::size_t begin,
                  std::size_t most = max_query_length)
      : bytes_{bytes.substr(0, begin + std::min(bytes.size() - begin, most))},
        at_{begin} {}

  sequence read() {
    if (bytes_[at_] == esc)
      read_escape();
    else
      read_c1();
    return out_;
  }

private:
  [[nodiscard]] bool done() const { return at_ == bytes_.size(); }

  void finish(ending how) {
    out_.how = how;
    out_.end = at_;
  }

  /// Ends the sequence after `count` bytes of terminator.
  void complete(std::size_t count) {
    out_.body_end = at_;
    at_ += count;
    finish(ending::complete);
  }

  void abort(std::size_t count) {
    out_.aborted = true;
    complete(count);
  }

  void cut_off() {
    out_.body_end = at_;
    finish(ending::cut_off);
  }

  /// What ends or interrupts a sequence of any kind. True when it did.
  bool interrupted() {
    const char c = bytes_[at_];
    if (c == can || c == sub) {
      abort(1);
      return true;
    }
    if (c == esc) {
      cut_off();
      return true;
    }
    if (c != c1_lead)
      return false;
    if (at_ + 1 == bytes_.size()) {
      finish(ending::open);
      return true;
    }
    if (!is_c1_second(bytes_[at_ + 1]))
      return false;
    cut_off();
    return true;
  }

  /// The kind that `ESC code`, or its C1 form, introduces.
  static sequence_kind introduced_by(char code) {
    switch (code) {
    case '[':
      return sequence_kind::csi;
    case ']':
      return sequence_kind::osc;
    case 'P':
      return sequence_kind::dcs;
    case '_':
      return sequence_kind::apc;
    default:
      return sequence_kind::other;
    }
  }

  static bool opens_string(char code) {
    return code == ']' || code == 'P' || code == '_' || code == '^' ||
           code == 'X';
  }

  /// After the introducer, whose 7-bit code is given.
  void read_introduced(char code) {
    out_.kind = introduced_by(code);
    out_.body = at_;
    if (out_.kind == sequence_kind::csi)
      read_csi();
    else if (opens_string(code))
      read_string();
    else
      complete(0);
  }

  void read_c1() {
    if (at_ + 1 == bytes_.size())
      return finish(ending::open);
    const auto code = static_cast<char>(bytes_[at_ + 1] - 0x40);
    if (code == 'Z') { // its own body, as of ESC Z, does not fit the C1 form
      at_ += 2;
      out_.body = at_;
      out_.kind = sequence_kind::escape;
      return complete(0);
    }
    at_ += 2;
    read_introduced(code);
  }

  void read_escape() {
    out_.body = ++at_;
    while (!done() && !interrupted()) {
      const char c = bytes_[at_];
      if (c == '[' || opens_string(c)) {
        // With intermediate bytes before it, it is an ordinary final byte.
        if (only_c0(out_.body, at_)) {
          ++at_;
          return read_introduced(c);
        }
      }
      if (c >= '0' && c <= '~') {
        out_.kind = sequence_kind::escape;
        ++at_;
        return complete(0);
      }
      if (static_cast<unsigned char>(c) > 0x7F)
        return abort(0);
      ++at_;
    }
  }

  [[nodiscard]] bool only_c0(std::size_t begin, std::size_t end) const {
    const auto part = bytes_.substr(begin, end - begin);
    return std::all_of(part.begin(), part.end(), is_c0);
  }

  void read_csi() {
    while (!done() && !interrupted()) {
      const char c = bytes_[at_];
      if (c >= '@' && c <= '~') {
        ++at_;
        return complete(0);
      }
      if (static_cast<unsigned char>(c) > 0x7F)
        return abort(0);
      ++at_;
    }
  }

  /// OSC, DCS, APC, PM and SOS: up to ST, and OSC also up to BEL.
  void read_string() {
    while (!done()) {
      const char c = bytes_[at_];
      if (c == bel && out_.kind == sequence_kind::osc)
        return complete(1);
      if (c == esc && at_ + 1 == bytes_.size())
        return finish(ending::open);
      if ((c == esc && bytes_[at_ + 1] == '\\') ||
          (c == c1_lead && at_ + 1 < bytes_.size() &&
           bytes_[at_ + 1] == '\x9C'))
        return complete(2);
      if (interrupted())
        return;
      ++at_;
    }
  }

  std::string_view bytes_;
  std::size_t at_;
  sequence out_;
};

std::string_view view_of(std::span<const char> bytes) {
  return {bytes.data(), bytes.size()};
}

bool is_string(sequence_kind kind) {
  return kind == sequence_kind::osc || kind == sequence_kind::dcs ||
         kind == sequence_kind::apc;
}

bool is_query(std::string_view bytes, const sequence& found) {
  if (found.aborted || found.kind == sequence_kind::other)
    return false;
  // Most terminals act on a string that was cut off as if it had ended; a
  // CSI without its final byte is nothing.
  if (found.how == ending::cut_off && !is_string(found.kind))
    return false;
  if (found.kind == sequence_kind::escape && found.body == found.end)
    return true; // C1 DECID
  return is_terminal_query(
      found.kind, bytes.substr(found.body, found.body_end - found.body));
}

/// Overwrites a sequence that must not reach the terminal. Line feeds and
/// other C0 controls inside a CSI are obeyed at once, so they stay; inside a
/// string they are payload and go. `interrupts`: it cut another sequence off,
/// and something must still do that: an `ESC \`, which means nothing else.
void erase(std::span<char> part, bool is_string, bool interrupts) {
  std::string_view stand_in = interrupts ? "\x1B\\" : "";
  for (char& c : part) {
    const bool obeyed = is_c0(c) && c != esc && c != enq;
    if (obeyed && !is_string)
      continue;
    c = stand_in.empty() ? nul : stand_in.front();
    stand_in.remove_prefix(stand_in.empty() ? 0 : 1);
  }
}

/// A sequence over max_query_length, `open` as far as anyone looked, is data.
/// One that could still turn out to be a query also has to be data for the
/// terminal, so it loses its introducer.
void defuse_overlong(std::span<char> bytes, std::size_t begin,
                     const sequence& found, bool interrupts) {
  if (found.body <= begin + 1)
    return; // not even introduced
  const auto body = view_of(bytes).substr(found.body, max_query_length);
  if (found.kind == sequence_kind::csi || is_terminal_query(found.kind, body))
    erase(bytes.subspan(begin, found.body - begin), false, interrupts);
}

/// ENQ asks wherever it is obeyed: everywhere but inside strings.
void erase_enquiries(std::span<char> part) {
  std::replace(part.begin(), part.end(), enq, nul);
}

/// Where the next byte of interest is: ENQ, ESC or the lead of a C1 control.
std::size_t skip_ground(std::string_view bytes, std::size_t at) {
  while (at < bytes.size() && bytes[at] != esc && bytes[at] != enq &&
         bytes[at] != c1_lead)
    ++at;
  return at;
}

bool is_plain_character(std::string_view bytes, std::size_t at) {
  return bytes[at] == c1_lead && at + 1 < bytes.size() &&
         !is_c1_second(bytes[at + 1]);
}

/// Where to start in bytes that begin outside any sequence.
std::size_t line_start(std::string_view bytes) {
  const auto near = bytes.substr(0, max_query_length);
  for (std::size_t i = 0; i < near.size(); ++i) {
    if (near[i] == '\n')
      return i + 1;
    if (near[i] != esc)
      continue;
    if (i + 1 == bytes.size() || bytes[i + 1] != '\\')
      return i;
  }
  const auto begins_character = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  };
  const auto* first =
      std::find_if(bytes.begin(), bytes.end(), begins_character);
  return static_cast<std::size_t>(first - bytes.begin());
}

} // namespace

std::size_t safe_start(std::string_view bytes, std::size_t from) {
  from = std::min(from, bytes.size());
  const auto first = bytes.find(esc);
  const bool in_string =
      first != bytes.npos && bytes.substr(first).starts_with("\x1B\\");
  auto at = in_string ? first + 2 : line_start(bytes);
  if (at >= from)
    return at;
  while ((at = skip_ground(bytes, at)) < from) {
    if (bytes[at] == enq || is_plain_character(bytes, at)) {
      ++at;
      continue;
    }
    const auto found = sequence_reader{bytes, at, bytes.size()}.read();
    if (found.how == ending::open || found.end > from)
      return at;
    at = found.end;
  }
  return from + line_start(bytes.substr(from));
}

std::size_t neutralise_queries(std::span<char> bytes, bool final) {
  const auto text = view_of(bytes);
  std::size_t at = 0;
  // Where the sequence began that the one at `at` cut off. It is offered
  // again together with that one, whose stand-in depends on it.
  std::size_t held = 0;
  bool interrupts = false;
  while ((at = skip_ground(text, at)) < text.size()) {
    if (text[at] == enq || is_plain_character(text, at)) {
      if (text[at] == enq)
        bytes[at] = nul;
      ++at;
      continue;
    }
    const auto found = sequence_reader{text, at}.read();
    if (found.how == ending::open) {
      const bool overlong = text.size() - at > max_query_length;
      if (!final && !overlong)
        return interrupts ? held : at;
      if (overlong)
        defuse_overlong(bytes, at, found, interrupts);
      ++at;
      interrupts = false;
      continue;
    }
    const auto part = bytes.subspan(at, found.end - at);
    const bool query = is_query(text, found);
    if (query)
      erase(part, is_string(found.kind), interrupts);
    else if (!is_string(found.kind))
      erase_enquiries(part);
    interrupts = found.how == ending::cut_off && !query;
    held = at;
    at = found.end;
  }
  return at;
}

} // namespace outrigger
