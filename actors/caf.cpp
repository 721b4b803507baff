#include "actors/caf.hpp"

#include <spdlog/spdlog.h>

namespace outrigger {
namespace {

const caf::atom_value category = caf::atom("outrigger");

} // namespace

caf::error to_caf(const error& err) {
  return caf::error{static_cast<std::uint8_t>(err.code), category,
                    caf::make_message(err.detail)};
}

error from_caf(const caf::error& err) {
  if (err.category() == category) {
    auto code = static_cast<errc>(err.code());
    if (err.context().match_elements<std::string>())
      return {code, err.context().get_as<std::string>(0)};
    return {code, "unknown error"};
  }
  if (err == caf::sec::request_timeout)
    return {errc::timeout, "no answer in time"};
  if (err == caf::sec::request_receiver_down)
    return {errc::unavailable, "the part of the daemon asked for has ended"};
  return {errc::internal, "internal error: code " + std::to_string(err.code())};
}

caf::error escaped_exception(const char* name, const std::exception_ptr& what) {
  try {
    std::rethrow_exception(what);
  } catch (const std::exception& e) {
    spdlog::error("{}: ended by an exception: {}", name, e.what());
  } catch (...) {
    spdlog::error("{}: ended by an unknown exception", name);
  }
  return to_caf({errc::internal, "internal error"});
}

} // namespace outrigger
