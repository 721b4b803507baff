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

void check_edge(const limits::edge_limits& edge) {
  using namespace std::chrono_literals;
  for (const auto time :
       {edge.header_timeout, edge.body_timeout, edge.idle_timeout,
        edge.write_timeout, edge.auth_timeout, edge.ping_interval})
    fuzz::require(time >= 100ms && time <= 1h, "times are limited");
  fuzz::require(edge.pong_timeout > edge.ping_interval &&
                    edge.pong_timeout <= 1h,
                "a peer is asked before it is given up");
  for (const auto size : {edge.max_header, edge.max_body, edge.max_message})
    fuzz::require(size >= 1024 && size <= 1024 * 1024, "sizes are limited");
  fuzz::require(edge.max_upload >= 1024 &&
                    edge.max_upload <= std::size_t{16'384} << 30,
                "uploads are limited");
  for (const auto count : {edge.max_fields, edge.max_requests,
                           edge.max_fragments, edge.max_unauthenticated})
    fuzz::require(count >= 1 && count <= 1'048'576, "counts are limited");
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
  for (const auto& key : opts.jwt_keys)
    fuzz::require(key.file.front() == '/', "paths are absolute");
  check_edge(opts.edge);

  const auto text = to_toml(opts);
  const auto again = parse_options({"--config", "x"}, sources_with(text));
  fuzz::require(again.has_value(), "a printed configuration can be read");
  const auto& read = std::get<options>(*again);
  fuzz::require(read.listen.size() == opts.listen.size() &&
                    read.auth == opts.auth &&
                    read.allow_origins == opts.allow_origins &&
                    read.jwt_keys == opts.jwt_keys &&
                    read.edge.max_header == opts.edge.max_header &&
                    read.edge.idle_timeout == opts.edge.idle_timeout &&
                    read.edge.memory_budget == opts.edge.memory_budget,
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
