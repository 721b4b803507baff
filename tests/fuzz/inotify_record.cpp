// What is read from inotify's descriptor, record by record.

#include "actors/os/files/inotify_record.hpp"

#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto all = fuzz::view_of(data, size);
  auto rest = all;
  std::size_t names = 0;
  while (true) {
    const auto before = rest.size();
    const auto record = os::take_record(rest);
    if (!record) {
      fuzz::require(rest.size() == before, "what is no record is left");
      break;
    }
    fuzz::require(rest.size() + 16 <= before, "a record has a head");
    fuzz::require(rest.data() + rest.size() == all.data() + all.size(),
                  "the rest is the end");
    fuzz::require(record->name.find('\0') == std::string_view::npos,
                  "a name ends at its NUL");
    fuzz::require(
        record->name.empty() ||
            (record->name.data() >= all.data() + 16 &&
             record->name.data() + record->name.size() <= rest.data()),
        "a name is within its record");
    names += record->name.size();
  }
  fuzz::require(names <= size, "names take no more than there is");
  return 0;
}
