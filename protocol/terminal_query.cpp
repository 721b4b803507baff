#include "protocol/terminal_query.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>

#include "protocol/ascii.hpp"

namespace outrigger {

namespace {

/// `CSI ? 1 ; 2 $ p` taken apart; empty when it has another form, which
/// terminals skip without acting.
struct csi {
  char marker = 0;               // one of < = > ?
  std::string_view parameters;   // digits, ':' and ';'
  std::string_view intermediate; // '!' … '/', usually empty
  char final = 0;

  /// The first number; 0 when it is left out, as terminals read it. Null
  /// when there is none this large.
  [[nodiscard]] std::optional<unsigned> first() const {
    const auto number = parameters.substr(0, parameters.find_first_of(";:"));
    return number.empty() ? 0 : ascii::parse_decimal<unsigned>(number);
  }
};

std::optional<csi> parse_csi(std::string_view body) {
  if (body.empty())
    return std::nullopt;
  csi out;
  out.final = body.back();
  body.remove_suffix(1);
  if (!body.empty() && body.front() >= '<' && body.front() <= '?') {
    out.marker = body.front();
    body.remove_prefix(1);
  }
  const auto digits =
      std::min(body.find_first_not_of("0123456789:;"), body.size());
  out.parameters = body.substr(0, digits);
  out.intermediate = body.substr(digits);
  const auto is_intermediate = [](char c) { return c >= ' ' && c <= '/'; };
  if (!std::all_of(out.intermediate.begin(), out.intermediate.end(),
                   is_intermediate))
    return std::nullopt;
  return out;
}

bool is_one_of(std::optional<unsigned> number,
               std::initializer_list<unsigned> list) {
  return number && std::find(list.begin(), list.end(), *number) != list.end();
}

/// CSI without intermediate bytes.
bool asks_plain(const csi& sequence) {
  const auto first = sequence.first();
  const char marker = sequence.marker;
  switch (sequence.final) {
  case 'c': // DA1, DA2, DA3; with '?' an answer, or a Linux cursor shape
    return marker == 0 || marker == '>' || marker == '=';
  case 'n': // DSR and CPR; with '?' the DEC forms, colour scheme included
    return marker == '?' || (marker == 0 && is_one_of(first, {5, 6}));
  case 't': // window reports; the other numbers act or save
    return marker == 0 &&
           is_one_of(first, {11, 13, 14, 15, 16, 18, 19, 20, 21});
  case 'x': // DECREQTPARM; with more numbers the answer to one
    return marker == 0 && is_one_of(first, {0, 1}) &&
           sequence.parameters.find(';') == std::string_view::npos;
  case 'q': // XTVERSION
    return marker == '>' && first == 0u;
  case 'u': // kitty keyboard flags
  case 'm': // XTQMODKEYS
  case 'S': // XTSMGRAPHICS: a set is answered just as a question is
    return marker == '?';
  default:
    return false;
  }
}

/// CSI with intermediate bytes, named by them and the final byte.
bool asks_by_name(const csi& sequence) {
  if (sequence.marker != 0 && sequence.marker != '?')
    return false;
  const auto name = std::string{sequence.intermediate} + sequence.final;
  static constexpr std::string_view asking[] = {
      "$p",  // DECRQM
      "$u",  // DECRQTSR, terminal state
      "$w",  // DECRQPSR, cursor and tab stops
      "&u",  // DECRQUPSS, user-preferred character set
      "*y",  // DECRQCRA, checksum of a part of the screen
      "\"v", // DECRQDE, displayed extent
      "'|",  // DECRQLP, locator position
      "#R",  // XTREPORTCOLORS
      "#|",  // XTREPORTSGR
  };
  return std::find(std::begin(asking), std::end(asking), name) !=
         std::end(asking);
}

bool asks_csi(std::string_view body) {
  const auto sequence = parse_csi(body);
  if (!sequence)
    return false;
  return sequence->intermediate.empty() ? asks_plain(*sequence)
                                        : asks_by_name(*sequence);
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool begins_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

/// Whether a piece between semicolons is a bare `?`.
bool has_bare_question(std::string_view arguments) {
  const auto pieces = ascii::split(arguments, ';');
  return std::find(pieces.begin(), pieces.end(), "?") != pieces.end();
}

bool asks_osc(std::string_view body) {
  const auto semicolon = body.find(';');
  const auto number = ascii::parse_decimal<unsigned>(body.substr(0, semicolon));
  const auto arguments = semicolon == std::string_view::npos
                             ? std::string_view{}
                             : body.substr(semicolon + 1);
  if (!number)
    return false;
  switch (*number) {
  case 0: // titles, directories, links, notifications and prompt marks: free
  case 1: // text, in which a lone question mark is only that
  case 2:
  case 7:
  case 8:
  case 9:
  case 133:
  case 633:
  case 777:
    return false;
  case 52: // clipboard: selection ; data
    return arguments.substr(std::min(arguments.find(';'), arguments.size())) ==
           ";?";
  case 21: // kitty colours: key=?
    return contains(std::string{arguments} + ';', "=?;");
  case 3:  // X properties: ?name
  case 22: // kitty pointer shapes: ?name,…
    return begins_with(arguments, "?");
  case 60: // XTQALLOWED, XTQDISALLOWED
  case 61:
    return true;
  case 99: // kitty notifications: metadata ; text
    return contains(arguments.substr(0, arguments.find(';')), "p=?");
  case 1337: // iTerm2
    return begins_with(arguments, "Report") ||
           begins_with(arguments, "Capabilities");
  case 5522: // kitty clipboard
    return contains(arguments.substr(0, arguments.find(';')), "type=read");
  default: // 4, 5, 10 to 19: colours; and whatever else asks this way
    return has_bare_question(arguments);
  }
}

/// DCS: DECRQSS, XTGETTCAP and XTGETXRES, known by their header.
bool asks_dcs(std::string_view body) {
  const auto header =
      std::min(body.find_first_not_of("0123456789:;"), body.size());
  const auto name = body.substr(header, 2);
  return name == "$q" || name == "+q" || name == "+Q";
}

/// APC: the kitty graphics query, an action among comma-separated keys.
bool asks_apc(std::string_view body) {
  if (body.empty() || body.front() != 'G')
    return false;
  const auto keys = ascii::split(body.substr(1, body.find(';') - 1), ',');
  return std::find(keys.begin(), keys.end(), "a=q") != keys.end();
}

} // namespace

bool is_terminal_query(sequence_kind kind, std::string_view body) {
  std::string printable;
  if (std::any_of(body.begin(), body.end(), ascii::is_control)) {
    std::copy_if(body.begin(), body.end(), std::back_inserter(printable),
                 [](char c) { return !ascii::is_control(c); });
    body = printable;
  }
  switch (kind) {
  case sequence_kind::escape: // DECID
    return body == "Z";
  case sequence_kind::csi:
    return asks_csi(body);
  case sequence_kind::osc:
    return asks_osc(body);
  case sequence_kind::dcs:
    return asks_dcs(body);
  case sequence_kind::apc:
    return asks_apc(body);
  case sequence_kind::other:
    break;
  }
  return false;
}

} // namespace outrigger
