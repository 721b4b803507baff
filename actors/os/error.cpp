#include "actors/os/error.hpp"

#include <string>

namespace outrigger::os {

namespace {

class category final : public std::error_category {
public:
  [[nodiscard]] const char* name() const noexcept override {
    return "outrigger.os";
  }

  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
    case errc::version_mismatch:
      return "the holder speaks another protocol version";
    case errc::holder_busy:
      return "the holder already serves another daemon";
    case errc::holder_lost:
      return "the connection to the holder is gone";
    case errc::protocol_error:
      return "the holder sent a malformed packet";
    case errc::bad_ring:
      return "not a ring of this version";
    case errc::queue_full:
      return "queue is full";
    case errc::foreign_owner:
      return "belongs to another user";
    case errc::exposed:
      return "accessible by group or others";
    case errc::locked:
      return "locked by another process";
    case errc::bad_token:
      return "no token of at least 32 characters of [A-Za-z0-9._~+/=-], not "
             "beginning with tkt_";
    case errc::writable:
      return "writable by group or others";
    case errc::not_a_file:
      return "not a regular file";
    case errc::deaf:
      return "does not listen to SIGHUP";
    case errc::starter_lost:
      return "the process that starts holders is gone";
    case errc::changed:
      return "not the version that was expected";
    case errc::bad_archive:
      return "not an archive that can be unpacked";
    case errc::archive_limit:
      return "more in the archive than is allowed";
    }
    return "unknown error";
  }
};

} // namespace

const std::error_category& os_category() noexcept {
  static const category instance;
  return instance;
}

} // namespace outrigger::os
