// Arguments, one on each line, up to an empty line; then a TOML file.

#include "protocol/options.hpp"

#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

namespace {

option_sources sources_with(const std::string& file) {
  option_sources out;
  out.read_file = [&file](const std::string&) -> result<std::string> {
    return file;
  };
  out.env = [](const std::string& name) -> std::optional<std::string> {
    if (name == "HOME")
      return "/home/u";
    return std::nullopt;
  };
  out.current_dir = "/srv";
  out.program_dir = "/bin";
  return out;
}

void check(const options& opts) {
  bool exposed = false;
  for (const auto& address : opts.listen)
    exposed = exposed || !address.is_loopback();
  fuzz::require(!exposed || opts.auth, "no-auth stays on loopback");
  fuzz::require(!exposed || opts.insecure || !opts.tls_cert.empty(),
                "beyond loopback there is TLS");
  for (const auto& path : {opts.root, opts.state_dir, opts.runtime_dir,
                           opts.token_file, opts.holder, opts.shell})
    fuzz::require(path.front() == '/', "paths are absolute");

  const auto text = to_toml(opts);
  const auto again = parse_options({"--config", "x"}, sources_with(text));
  fuzz::require(again.has_value(), "a printed configuration can be read");
  const auto& read = std::get<options>(*again);
  fuzz::require(read.listen.size() == opts.listen.size() &&
                    read.auth == opts.auth &&
                    read.allow_origins == opts.allow_origins,
                "a printed configuration is the same again");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::view_of(data, size);
  std::vector<std::string> args{"--config", "x"};
  while (!rest.empty()) {
    const auto line = fuzz::take_line(rest);
    if (line.empty())
      break;
    args.emplace_back(line);
  }
  const std::string file{rest};
  const auto out = parse_options(args, sources_with(file));
  if (out && std::holds_alternative<options>(*out))
    check(std::get<options>(*out));
  return 0;
}
