#include "credential_files.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "actors/os/error.hpp"
#include "actors/os/private_file.hpp"
#include "actors/os/token_file.hpp"
#include "startup_failure.hpp"

namespace outrigger {
namespace {

constexpr std::size_t max_register_size = std::size_t{4} * 1024 * 1024;
constexpr std::size_t max_key_size = std::size_t{64} * 1024;

bool is_unsafe(const std::error_code& why) {
  return why == os::errc::exposed || why == os::errc::writable ||
         why == os::errc::foreign_owner || why == os::errc::bad_token ||
         why == os::errc::not_a_file;
}

/// `otherwise` is what it is when it is not unsafe.
error failed(const std::string& what, const std::error_code& why,
             errc otherwise) {
  return {is_unsafe(why) ? errc::forbidden : otherwise,
          what + ": " + why.message()};
}

result<std::string> load_owner_token(const options& opts, missing_token then) {
  auto token = then == missing_token::is_made
                   ? os::read_or_create_token(opts.token_file)
                   : os::read_token(opts.token_file);
  if (!token)
    return failed("token file " + opts.token_file, token.error(),
                  errc::internal);
  return std::move(*token);
}

/// A line of text has a line break at its end that nobody meant to be part of
/// the secret; bytes are bytes.
std::string_view secret_in(std::string_view content) {
  auto text = content;
  for (const char last : {'\n', '\r'})
    if (!text.empty() && text.back() == last)
      text.remove_suffix(1);
  const bool is_line = std::all_of(text.begin(), text.end(),
                                   [](char c) { return c > ' ' && c < 0x7f; });
  return is_line ? text : content;
}

result<jwt_key> load_jwt_key(const jwt_key_option& wanted) {
  const auto what = "--jwt-key " + wanted.file;
  const auto algorithm = parse_jwt_algorithm(wanted.algorithm);
  if (!algorithm)
    return error{errc::malformed, what + ": unknown algorithm"};
  const bool secret = algorithm == jwt_algorithm::hs256;
  const auto content = os::read_private_file(wanted.file, max_key_size,
                                             secret ? os::readers::owner_only
                                                    : os::readers::anybody);
  if (!content)
    return failed(what, content.error(), errc::malformed);
  auto key = jwt_key::make(wanted.kid, *algorithm,
                           secret ? secret_in(*content) : *content);
  if (!key) // a weak secret lets others in, a broken public key nobody
    return error{secret ? errc::forbidden : errc::malformed,
                 what + ": " + key.error().detail};
  return std::move(*key);
}

} // namespace

result<loaded_credentials> load_credentials(const options& opts,
                                            missing_token then) {
  loaded_credentials out;
  out.store.workspace = opts.workspace_id;
  if (!opts.auth)
    return out;
  auto token = load_owner_token(opts, then);
  if (!token)
    return token.error();
  out.owner_token = std::move(*token);
  auto others = load_token_register(token_register_path(opts));
  if (!others)
    return others.error();
  out.store.tokens = std::move(others->tokens);
  out.store.tokens.insert(out.store.tokens.begin(),
                          owner_record(out.owner_token));
  out.store.min_issued = others->min_issued;
  for (const auto& wanted : opts.jwt_keys) {
    auto key = load_jwt_key(wanted);
    if (!key)
      return key.error();
    out.store.keys.push_back(std::move(*key));
  }
  return out;
}

std::string token_register_path(const options& opts) {
  return opts.state_dir + "/tokens.json";
}

result<token_register> load_token_register(const std::string& path) {
  const auto content =
      os::read_private_file(path, max_register_size, os::readers::owner_only);
  if (!content && content.error() == os::os_error(ENOENT))
    return token_register{};
  if (!content)
    return failed(path, content.error(), errc::internal);
  auto all = parse_token_register(*content);
  if (!all)
    return error{errc::internal, path + ": " + all.error().detail};
  return std::move(*all);
}

int exit_code_of(const error& failure) {
  switch (failure.code) {
  case errc::forbidden:
    return exit_unsafe;
  case errc::malformed:
    return exit_bad_options;
  default:
    return exit_failed;
  }
}

} // namespace outrigger
