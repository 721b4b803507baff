// The Content-Type on the first line, then bytes that say how the body is cut
// into pieces, up to the next line end; then the body.

#include "protocol/multipart.hpp"

#include <algorithm>

#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

namespace {

class recorder final : public multipart_listener {
public:
  result<void> part_began(const multipart_part& part) override {
    fuzz::require(!open, "a part ends before the next one begins");
    fuzz::require(part.name.size() <= multipart_parser::max_name &&
                      part.filename.value_or("").size() <=
                          multipart_parser::max_name,
                  "names are bounded");
    fuzz::require(++parts <= multipart_parser::max_parts, "so are parts");
    open = true;
    heard.append(part.name).append("|");
    heard.append(part.filename ? "+" + *part.filename : "-").append("|");
    heard.append(part.content_type).append("\n");
    return {};
  }
  result<void> part_data(std::string_view bytes) override {
    fuzz::require(open && !bytes.empty(), "data belongs to a part");
    heard.append(bytes);
    data += bytes.size();
    return {};
  }
  result<void> part_ended() override {
    fuzz::require(open, "only what began ends");
    open = false;
    heard.append("\n;");
    return {};
  }

  std::string heard;
  std::size_t data = 0;
  std::size_t parts = 0;
  bool open = false;
};

struct outcome {
  std::string heard;
  error failure;
  friend bool operator==(const outcome&, const outcome&) = default;
};

/// `cuts`: the sizes of the pieces, over and over; none: one piece.
outcome parse(std::string_view type, std::string_view body,
              std::string_view cuts) {
  auto parser = multipart_parser::begin(type);
  if (!parser)
    return {{}, parser.error()};
  recorder listener;
  const auto size = body.size();
  result<void> fed;
  for (std::size_t i = 0; fed && !body.empty(); ++i) {
    const auto wanted =
        cuts.empty() ? body.size()
                     : static_cast<unsigned char>(cuts[i % cuts.size()]) + 1U;
    const auto piece = body.substr(0, wanted);
    fed = parser->feed(piece, listener);
    body.remove_prefix(piece.size());
  }
  fuzz::require(listener.data <= size, "no data is made up");
  const auto finished = parser->finish();
  fuzz::require(fed || finished == fed, "an error stays");
  fuzz::require(!finished || !listener.open, "a whole form has whole parts");
  return {listener.heard, finished ? error{} : finished.error()};
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::view_of(data, size);
  const auto type = fuzz::take_line(rest);
  const auto cuts = fuzz::take_line(rest);
  const auto whole = parse(type, rest, "");
  fuzz::require(whole == parse(type, rest, cuts),
                "how a body is cut makes no difference");
  fuzz::require(whole == parse(type, rest, std::string_view{"\0", 1}),
                "not even into single bytes");
  if (whole.failure.detail.empty())
    fuzz::require(parse(type, std::string{rest} + "\r\nmore", cuts) == whole,
                  "what is behind the last boundary says nothing");
  return 0;
}
