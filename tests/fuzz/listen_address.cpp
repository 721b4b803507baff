#include "protocol/options.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace outrigger;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto address = parse_listen_address(fuzz::view_of(data, size));
  if (!address)
    return 0;
  fuzz::require(address->unix_path.size() <= 107,
                "a unix path fits its address");
  fuzz::require(!address->host.empty() || address->is_unix() ||
                    !address->is_loopback(),
                "all addresses are not loopback");
  return 0;
}
