#include "actors/os/files/inotify_record.hpp"

#include <sys/inotify.h>

#include <cstring>

namespace outrigger::os {

std::optional<inotify_record> take_record(std::string_view& bytes) {
  inotify_event head{};
  if (bytes.size() < sizeof head)
    return std::nullopt;
  std::memcpy(&head, bytes.data(), sizeof head); // it need not be aligned
  auto rest = bytes.substr(sizeof head);
  if (head.len > rest.size())
    return std::nullopt;
  const auto name = rest.substr(0, head.len);
  bytes = rest.substr(head.len);
  return inotify_record{head.wd, head.mask, head.cookie,
                        name.substr(0, name.find('\0'))};
}

} // namespace outrigger::os
