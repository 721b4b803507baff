#include "protocol/terminal_query.hpp"

#include <catch2/catch.hpp>

using namespace outrigger;

namespace {

bool csi(std::string_view body) {
  return is_terminal_query(sequence_kind::csi, body);
}

bool osc(std::string_view body) {
  return is_terminal_query(sequence_kind::osc, body);
}

bool dcs(std::string_view body) {
  return is_terminal_query(sequence_kind::dcs, body);
}

bool apc(std::string_view body) {
  return is_terminal_query(sequence_kind::apc, body);
}

} // namespace

TEST_CASE("CSI sequences that ask are queries") {
  const auto* body =
      GENERATE("c", "0c", ">c", ">0c", "=c", "=0c", "5n", "6n", "06n", "6;1n",
               "?6n", "?15n", "?25n", "?26n", "?53n", "?996n", "11t", "13t",
               "13;2t", "14t", "14;2t", "15t", "16t", "18t", "19t", "20t",
               "21t", "x", "0x", "1x", "20$p", "?2026$p", "?1$p", ">q", ">0q",
               "?u", "?4m", "?1;1;0S", "?1;4S", "1$w", "2$w", "1$u", "&u",
               "1;1;1;1;9;9*y", "\"v", "'|", "#R", "1;1;1;1#|");
  CAPTURE(body);
  CHECK(csi(body));
}

TEST_CASE("CSI sequences that act are not queries") {
  const auto* body = GENERATE(
      "m", "0m", "38;5;1m", "38:2::1:2:3m", ">4;2m", ">4m", "?25h", "?1049h",
      "?2004l", "?2048h", "?1;2c", "?6c", "?17;0;64c", "0n", "3n", ">1n", "1t",
      "2t", "3;10;10t", "4;24;80t", "8;24;80t", "9;1t", "10;2t", "22;0t",
      "23;0t", "24t", "2x", "1;1;128;128x", "!p", "\"p", "61\"p", ">3p", "q",
      "1q", "0 q", "6 q", " q", "1\"q", ">1q", "u", ">1u", "<u", "<1u", "=1;1u",
      "97;5u", "S", "3S", "2J", "H", "1;1H", "r", "1;24r", "s", "1 t", "2$x",
      "1;1;5;5$z", ">1s", "6;1;1$t", "?1$w2", "", "6", "1;2", "99999999999n");
  CAPTURE(body);
  CHECK_FALSE(csi(body));
}

TEST_CASE("OSC sequences that ask are queries") {
  const auto* body = GENERATE(
      "4;1;?", "4;1;?;2;?", "4;1;red;2;?", "5;0;?", "10;?", "10;?;?", "11;?",
      "12;?", "17;?", "19;?", "011;?", "52;c;?", "52;;?", "52;pc;?", "50;?",
      "21;foreground=?", "21;a=red;b=?", "22;?__current__", "3;?WM_NAME", "60",
      "61;allowWindowOps", "99;i=1:p=?;", "1337;ReportCellSize",
      "1337;ReportVariable=aGk=", "1337;Capabilities", "5522;type=read;aGk=");
  CAPTURE(body);
  CHECK(osc(body));
}

TEST_CASE("OSC sequences that tell are not queries") {
  const auto* body = GENERATE(
      "0;title", "0;?", "1;?", "2;?", "2;what is this?", "4;1;#ff0000",
      "10;#fff", "11;rgb:00/00/00", "104", "104;1", "110", "112",
      "52;c;aGk=", "52;c;", "52;c;!", "52;?", "52", "7;file:///x?",
      "8;;http://x/?q", "8;id=1;?", "9;?", "133;A", "133;D;?", "633;E;?",
      "777;notify;a;?", "21;foreground=red", "22;pointer", "3;WM_NAME=x",
      "99;i=1;p=?", "1337;File=name=a:aGk=", "5522;type=write", "", ";?", "l?",
      "x;?", "10;what?", "99999999999;?");
  CAPTURE(body);
  CHECK_FALSE(osc(body));
}

TEST_CASE("DCS requests are queries, pictures and settings are not") {
  for (const auto* body : {"$qm", "$q\"p", "$q q", "0$qr", "+q544e", "+Q41"})
    CHECK(dcs(body));
  for (const auto* body :
       {"q#0;2;0;0;0#0~~", "0;1;0q\"1;1", "+p544e=41", "1$tx", "tmux;x", "=1s",
        "1000p", "", "$", "$tq", "{ @x"})
    CHECK_FALSE(dcs(body));
}

TEST_CASE("only the query action of kitty graphics is a query") {
  for (const auto* body : {"Ga=q", "Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA", "Ga=q;x"})
    CHECK(apc(body));
  for (const auto* body : {"Ga=T,f=100;AAAA", "Gf=24;a=q", "Gaa=q", "a=q", "",
                           "G", "G;a=q", "Ga=q1"})
    CHECK_FALSE(apc(body));
}

TEST_CASE("ESC Z is the one plain escape that asks") {
  CHECK(is_terminal_query(sequence_kind::escape, "Z"));
  for (const auto* body : {"7", "8", "c", "M", "(0", "#8", "/Z", "="})
    CHECK_FALSE(is_terminal_query(sequence_kind::escape, body));
}

TEST_CASE("control characters inside a sequence do not hide it") {
  CHECK(csi("6\bn"));
  CHECK(csi(std::string_view("\0"
                             "6n",
                             3)));
  CHECK(osc("11;\r?"));
  CHECK(is_terminal_query(sequence_kind::escape, "\nZ"));
}
