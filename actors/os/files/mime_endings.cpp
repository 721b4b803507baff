#include "actors/os/files/mime_endings.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace outrigger::os {

namespace {

struct ending {
  std::string_view text; // lower case; without a dot
  std::string_view type;
};

// In order, for the search. To libmagic most of these are text/plain, or what
// their first lines remind it of.
constexpr ending text_endings[] = {
    {"adoc", "text/asciidoc"},
    {"bash", "text/x-shellscript"},
    {"bat", "text/x-bat"},
    {"c", "text/x-c"},
    {"cc", "text/x-c++"},
    {"cfg", "text/plain"},
    {"cjs", "text/javascript"},
    {"clj", "text/x-clojure"},
    {"cmake", "text/x-cmake"},
    {"conf", "text/plain"},
    {"cpp", "text/x-c++"},
    {"cs", "text/x-csharp"},
    {"css", "text/css"},
    {"csv", "text/csv"},
    {"cts", "text/typescript"},
    {"cxx", "text/x-c++"},
    {"dart", "text/x-dart"},
    {"diff", "text/x-diff"},
    {"env", "text/plain"},
    {"erl", "text/x-erlang"},
    {"ex", "text/x-elixir"},
    {"exs", "text/x-elixir"},
    {"fish", "text/x-shellscript"},
    {"go", "text/x-go"},
    {"gql", "application/graphql"},
    {"gradle", "text/x-groovy"},
    {"graphql", "application/graphql"},
    {"groovy", "text/x-groovy"},
    {"h", "text/x-c"},
    {"hh", "text/x-c++"},
    {"hpp", "text/x-c++"},
    {"hs", "text/x-haskell"},
    {"htm", "text/html"},
    {"html", "text/html"},
    {"hxx", "text/x-c++"},
    {"ics", "text/calendar"},
    {"ini", "text/plain"},
    {"ipynb", "application/x-ipynb+json"},
    {"java", "text/x-java"},
    {"js", "text/javascript"},
    {"json", "application/json"},
    {"json5", "application/json5"},
    {"jsonc", "application/json"},
    {"jsonl", "application/x-ndjson"},
    {"jsx", "text/jsx"},
    {"kt", "text/x-kotlin"},
    {"kts", "text/x-kotlin"},
    {"less", "text/x-less"},
    {"lock", "text/plain"},
    {"log", "text/plain"},
    {"lua", "text/x-lua"},
    {"map", "application/json"},
    {"markdown", "text/markdown"},
    {"md", "text/markdown"},
    {"mdx", "text/mdx"},
    {"mjs", "text/javascript"},
    {"mk", "text/x-makefile"},
    {"ml", "text/x-ocaml"},
    {"mts", "text/typescript"},
    {"ndjson", "application/x-ndjson"},
    {"nix", "text/x-nix"},
    {"patch", "text/x-diff"},
    {"php", "text/x-php"},
    {"pl", "text/x-perl"},
    {"pm", "text/x-perl"},
    {"properties", "text/x-properties"},
    {"proto", "text/x-protobuf"},
    {"ps1", "text/x-powershell"},
    {"py", "text/x-python"},
    {"pyi", "text/x-python"},
    {"r", "text/x-r"},
    {"rb", "text/x-ruby"},
    {"rs", "text/x-rust"},
    {"rst", "text/x-rst"},
    {"s", "text/x-asm"},
    {"sass", "text/x-sass"},
    {"scala", "text/x-scala"},
    {"scss", "text/x-scss"},
    {"sh", "text/x-shellscript"},
    {"sql", "application/sql"},
    {"srt", "application/x-subrip"},
    {"svelte", "text/x-svelte"},
    {"svg", "image/svg+xml"},
    {"swift", "text/x-swift"},
    {"tex", "text/x-tex"},
    {"tf", "text/x-terraform"},
    {"toml", "application/toml"},
    {"ts", "text/typescript"},
    {"tsv", "text/tab-separated-values"},
    {"tsx", "text/tsx"},
    {"txt", "text/plain"},
    {"vtt", "text/vtt"},
    {"vue", "text/x-vue"},
    {"webmanifest", "application/manifest+json"},
    {"xhtml", "application/xhtml+xml"},
    {"xml", "application/xml"},
    {"yaml", "application/yaml"},
    {"yml", "application/yaml"},
    {"zig", "text/x-zig"},
    {"zsh", "text/x-shellscript"},
};

// What libmagic does not see, or takes for an archive, in a file's first bytes.
constexpr ending binary_endings[] = {
    {"aac", "audio/aac"},
    {"apk", "application/vnd.android.package-archive"},
    {"avif", "image/avif"},
    {"bmp", "image/bmp"},
    {"br", "application/x-brotli"},
    {"doc", "application/msword"},
    {"docx",
     "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"flac", "audio/flac"},
    {"gif", "image/gif"},
    {"ico", "image/vnd.microsoft.icon"},
    {"jar", "application/java-archive"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"m4a", "audio/mp4"},
    {"m4v", "video/x-m4v"},
    {"mov", "video/quicktime"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"ogg", "audio/ogg"},
    {"otf", "font/otf"},
    {"parquet", "application/vnd.apache.parquet"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"pptx", "application/"
             "vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"tga", "image/x-tga"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"ts", "video/mp2t"},
    {"ttf", "font/ttf"},
    {"wasm", "application/wasm"},
    {"wav", "audio/x-wav"},
    {"webm", "video/webm"},
    {"webp", "image/webp"},
    {"whl", "application/zip"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"xlsx",
     "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
};

// Whole names, in order.
constexpr ending names[] = {
    {"cmakelists.txt", "text/x-cmake"},  {"containerfile", "text/x-dockerfile"},
    {"dockerfile", "text/x-dockerfile"}, {"gemfile", "text/x-ruby"},
    {"makefile", "text/x-makefile"},     {"rakefile", "text/x-ruby"},
};

constexpr bool before(const ending& left, const ending& right) {
  return left.text < right.text;
}
static_assert(std::is_sorted(std::begin(text_endings), std::end(text_endings),
                             before));
static_assert(std::is_sorted(std::begin(binary_endings),
                             std::end(binary_endings), before));
static_assert(std::is_sorted(std::begin(names), std::end(names), before));

template <std::size_t Size>
std::string_view find(const ending (&table)[Size], std::string_view text) {
  const auto* found = std::lower_bound(std::begin(table), std::end(table),
                                       ending{text, {}}, before);
  return found != std::end(table) && found->text == text ? found->type
                                                         : std::string_view{};
}

std::string lower(std::string_view text) {
  std::string small{text};
  for (auto& c : small)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return small;
}

std::string ending_of(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string{}
                                       : lower(name.substr(dot + 1));
}

} // namespace

std::string_view text_type_of(std::string_view name) {
  if (const auto whole = find(names, lower(name)); !whole.empty())
    return whole;
  return find(text_endings, ending_of(name));
}

std::string_view binary_type_of(std::string_view name) {
  return find(binary_endings, ending_of(name));
}

} // namespace outrigger::os
