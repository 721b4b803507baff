#include "protocol/terminal_replay.hpp"

#include <algorithm>
#include <random>
#include <string>

#include <catch2/catch.hpp>

using namespace outrigger;

namespace {

/// The whole text with its queries gone and, for reading, NULs as '~'.
std::string replayed(std::string text, bool final = true) {
  const auto size = text.size();
  const auto done = neutralise_queries(text, final);
  CHECK(done <= size);
  if (final)
    CHECK(done == size);
  CHECK(text.size() == size);
  std::replace(text.begin(), text.end(), '\0', '~');
  return text;
}

std::size_t complete_of(std::string text) {
  return neutralise_queries(text, false);
}

/// As a terminal's output arrives: a few bytes at a time, with what was not
/// complete offered again.
std::string replayed_in_chunks(const std::string& text, std::size_t size) {
  std::string out;
  std::string waiting;
  for (std::size_t at = 0; at < text.size(); at += size) {
    waiting += text.substr(at, size);
    const auto done = neutralise_queries(waiting, false);
    if (waiting.size() - done > 2 * max_query_length)
      FAIL("too much held back");
    out += waiting.substr(0, done);
    waiting.erase(0, done);
  }
  neutralise_queries(waiting, true);
  out += waiting;
  std::replace(out.begin(), out.end(), '\0', '~');
  return out;
}

} // namespace

TEST_CASE("ordinary output passes untouched") {
  const auto text = GENERATE(
      as<std::string>{}, "", "hello\r\nworld\n", "\x1b[1;31mred\x1b[0m\x1b[K",
      "\x1b[?1049h\x1b[?25l\x1b[2J\x1b[H", "\x1b]0;title?\x07",
      "\x1b]2;?\x1b\\", "\x1b]8;;http://x/?a\x1b\\link\x1b]8;;\x1b\\",
      "\x1b]52;c;aGk=\x07", "\x1b[6 q", "\x1b[>1u", "\x1b[?2004h",
      "\x1b(0lqk\x1b(B",
      "\x1b"
      "7\x1b"
      "8\x1bM",
      "\x1bPq#0;2;0;0;0~\x1b\\", "\x1b_Ga=T,f=100;AAAA\x1b\\",
      "\xc2\xa0\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
      "\xc2\x85\xc2\x9b"
      "1m",
      "\x1b[?6c", "\x1b[22;0t", "\xff\xfe\x80", "\x1b^secret\x1b\\",
      "\x1bXsos\x1b\\", "\a\b\t\v\f\x0e\x0f");
  CAPTURE(text);
  CHECK(replayed(text) == text);
  CHECK(replayed_in_chunks(text, 1) == text);
}

TEST_CASE("a query becomes as many NULs") {
  const auto query = GENERATE(
      as<std::string>{}, "\x05", "\x1b[c", "\x1b[0c", "\x1b[>c", "\x1b[=c",
      "\x1b[5n", "\x1b[6n", "\x1b[?6n", "\x1b[?996n", "\x1b[18t", "\x1b[x",
      "\x1b[?2026$p", "\x1b[>0q", "\x1b[?u", "\x1b[?4m", "\x1b[?1;1;0S",
      "\x1bZ", "\x1b]11;?\x07", "\x1b]11;?\x1b\\", "\x1b]4;1;?\xc2\x9c",
      "\x1b]52;c;?\x07", "\x1bP$qm\x1b\\", "\x1bP+q544e\x1b\\",
      "\x1b_Gi=1,a=q;AAAA\x1b\\",
      "\xc2\x9b"
      "6n",
      "\xc2\x9d"
      "11;?\x07",
      "\xc2\x90$qm\xc2\x9c",
      "\xc2\x9f"
      "Ga=q\x1b\\",
      "\xc2\x9a");
  CAPTURE(query);
  const auto expected = "a" + std::string(query.size(), '~') + "b\n";
  CHECK(replayed("a" + query + "b\n") == expected);
  CHECK(replayed_in_chunks("a" + query + "b\n", 1) == expected);
}

TEST_CASE("a sequence still open is not complete, wherever it is cut") {
  for (const std::string text :
       {"\x1b[?2026$p", "\x1b]11;?\x1b\\", "\x1bP+q544e\x1b\\",
        "\xc2\x9b"
        "6n",
        "\x1b[31m", "\x1b(0", "\x1b_Ga=T;AA\x1b\\"})
    for (std::size_t size = 1; size < text.size(); ++size) {
      CAPTURE(text, size);
      CHECK(complete_of("ab" + text.substr(0, size)) == 2);
      CHECK(complete_of("ab" + text) == 2 + text.size());
    }
}

TEST_CASE("when nothing follows, an open sequence is let through") {
  CHECK(replayed("a\x1b[6") == "a\x1b[6");
  CHECK(replayed("a\x1b]11;?") == "a\x1b]11;?");
  CHECK(replayed("a\x1b") == "a\x1b");
  CHECK(replayed("a\xc2") == "a\xc2");
}

TEST_CASE("CAN and SUB abort a sequence, which then asks nothing") {
  CHECK(replayed("\x1b[6\x18n") == "\x1b[6\x18n");
  CHECK(replayed("\x1b]11;?\x1a\x07") == "\x1b]11;?\x1a\x07");
  CHECK(replayed("\x1b[6\x18\x1b[6n") == "\x1b[6\x18~~~~");
}

TEST_CASE("BEL ends an OSC and no other string") {
  CHECK(replayed("\x1b]11;?\x07x\x1b[6n") == "~~~~~~~x~~~~");
  CHECK(replayed("\x1bP$qm\x07x\x1b\\y") == "~~~~~~~~~y");
}

TEST_CASE("controls that a terminal obeys inside a query stay") {
  CHECK(replayed("\x1b[6\nn") == "~~~\n~");
  CHECK(replayed("\x1b\r[6\nn") == "~\r~~\n~");
  CHECK(replayed("\x1b[3\x05"
                 "1m") == "\x1b[3~1m");
}

TEST_CASE("ENQ inside a string is payload") {
  CHECK(replayed("\x1b]0;a\x05"
                 "b\x07") == "\x1b]0;a\x05"
                             "b\x07");
}

TEST_CASE("a string cut off by another sequence may still have asked") {
  CHECK(replayed("\x1b]11;?\x1b[1mx") == "~~~~~~\x1b[1mx");
  CHECK(replayed("\x1b]11;?\x1b[6nx") == "~~~~~~~~~~x");
}

TEST_CASE("a query that cut a sequence off still does") {
  // Without the ESC \ the title would swallow the text behind it.
  CHECK(replayed("\x1b]0;t\x1b[6nx\x07") == "\x1b]0;t\x1b\\~~x\x07");
  CHECK(replayed("\x1b[3\x1b[6n1m") == "\x1b[3\x1b\\~~1m");
  CHECK(replayed("\x1b]0;t\xc2\x9b"
                 "6nx") == "\x1b]0;t\x1b\\~~x");
  CHECK(replayed("\x1b[3\x1b]11;?\x1b[6nx") == "\x1b[3\x1b\\~~~~~~~~x");
}

TEST_CASE("a sequence cut off waits for the one that does it") {
  CHECK(complete_of("ab\x1b[3\x1b[6") == 2);
  CHECK(complete_of("ab\x1b[3\x1b[6n") == 9);
  // Of a longer chain only the last link decides.
  CHECK(complete_of("ab\x1b[3\x1b[4\x1b[6") == 5);
}

TEST_CASE("a longer sequence than any query is data and holds nothing back") {
  const std::string filler(max_query_length, 'x');
  CHECK(complete_of("\x1b]0;" + filler) == filler.size() + 4);
  CHECK(complete_of("\x1b" + std::string(max_query_length, '\n')) ==
        max_query_length + 1);
  CHECK(complete_of("\x1b]0;" + filler.substr(8)) == 0);
  // A query behind it is found all the same.
  CHECK(replayed("\x1b]0;" + filler + "\x1b[6n") ==
        "\x1b]0;" + filler + "~~~~");
}

TEST_CASE("a long clipboard or picture passes whole") {
  const std::string payload(100'000, 'A');
  for (const auto& text :
       {"\x1b]52;c;" + payload + "\x07", "\x1bPq" + payload + "\x1b\\",
        "\x1b_Ga=T;" + payload + "\x1b\\"}) {
    CHECK(replayed(text) == text);
    CHECK(replayed_in_chunks(text, 5000) == text);
  }
}

TEST_CASE("an overlong sequence that could ask loses its introducer") {
  const std::string zeros(max_query_length, '0');
  CHECK(replayed("\x1b[" + zeros + "6n") == "~~" + zeros + "6n");
  CHECK(replayed("\x1bP+q" + zeros + "\x1b\\") == "~~+q" + zeros + "\x1b\\");
}

TEST_CASE("chunks of any size give what the whole gives") {
  const std::vector<std::string> pieces{"\x1b",
                                        "[",
                                        "]",
                                        "P",
                                        "_",
                                        "6n",
                                        "c",
                                        "11;?",
                                        "\x07",
                                        "\x1b\\",
                                        "$q",
                                        "\xc2",
                                        "\x9b",
                                        "\x9c",
                                        "\x9d",
                                        "\x9a",
                                        "text",
                                        "\n",
                                        "\x05",
                                        "\x18",
                                        "Z",
                                        "0;",
                                        "?",
                                        "1",
                                        "m",
                                        "G",
                                        "a=q",
                                        "\xe2\x82\xac",
                                        std::string(1500, 'x'),
                                        std::string(1500, '0')};
  std::mt19937 random{11};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (auto count = random() % 24; count > 0; --count)
      text += pieces[random() % pieces.size()];
    const auto whole = replayed(text);
    REQUIRE(replayed(whole) == whole);
    REQUIRE(replayed_in_chunks(text, 1 + random() % 9) == whole);
    REQUIRE(replayed_in_chunks(text, 1000) == whole);
  }
}

TEST_CASE("a replay starts behind the first newline") {
  CHECK(safe_start("31mhalf\nwhole\n") == 8);
  CHECK(safe_start("\nx") == 1);
}

TEST_CASE("a replay starts at an escape that opens a sequence") {
  CHECK(safe_start("31mx\x1b[0my\n") == 4);
  CHECK(safe_start("x\x1b") == 1);
}

TEST_CASE("a replay that was cut inside a string starts behind it") {
  CHECK(safe_start("title\x1b\\x\x1b[0m\n") == 7);
  CHECK(safe_start("picture\nmore of it\x1b\\text\n") == 20);
}

TEST_CASE("a replay from inside a sequence starts where that began") {
  const auto from_inside = [](const std::string& sequence) {
    const auto text = "line\n" + sequence + "text";
    for (std::size_t i = 1; i < sequence.size(); ++i) {
      CAPTURE(sequence, i);
      CHECK(safe_start(text, 5 + i) == 5);
    }
  };
  from_inside("\x1b[38;5;196m");
  from_inside("\x1b(B");
  from_inside("\x1b]0;title\x07");
  from_inside("\x1b]8;;http://x/\x1b\\");
  from_inside("\x1bPq#0~~$\n-" + std::string(100'000, '~') + "\n\x1b\\");
  from_inside("\xc2\x9b"
              "31m");
}

TEST_CASE("a replay from inside a string that goes on starts where it began") {
  const auto text = "line\n\x1bPq" + std::string(100'000, '~');
  CHECK(safe_start(text, 50'000) == 5);
  CHECK(safe_start(text, text.size()) == 5);
}

TEST_CASE("a replay from between sequences starts at a line") {
  CHECK(safe_start("\x1b[1mbold\x1b[0m text\nline\n", 14) == 18);
  CHECK(safe_start("\x1b[1mbold\x1b[0m text\nline\n", 6) == 8);
  CHECK(safe_start("one\ntwo\nthree\n", 4) == 4);
  CHECK(safe_start("one\ntwo\nthree\n", 5) == 8);
  CHECK(safe_start("one\ntwo\n", 8) == 8);
  CHECK(safe_start("one\n\xe2\x82\xactwo", 5) == 7);
  CHECK(safe_start("one\n\xc3\xa9two", 4) == 4);
  CHECK(safe_start("one", 100) == 3);
}

TEST_CASE("without either a replay starts at a whole character") {
  CHECK(safe_start("\x82\xac"
                   "abc") == 2);
  CHECK(safe_start("abc") == 0);
  CHECK(safe_start(std::string(max_query_length, 'x') + "\n") == 0);
  CHECK(safe_start("") == 0);
  CHECK(safe_start("\x80\x80") == 2);
}
