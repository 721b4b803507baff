// System calls that fail, in a child that lives for one test (see in_child).
#pragma once

#include <seccomp.h>

#include <cstdint>
#include <initializer_list>

namespace outrigger::os::test {

/// A call that fails when `(argument & mask) == value`; always when mask is 0.
struct refused_call {
  int call;
  int error;
  unsigned argument = 0;
  std::uint64_t mask = 0;
  std::uint64_t value = 0;
};

/// From now on, in this process. False: it cannot be done here.
inline bool refuse_calls(std::initializer_list<refused_call> calls) {
  scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  bool done = filter != nullptr;
  for (const auto& refused : calls) {
    const scmp_arg_cmp comparison{refused.argument, SCMP_CMP_MASKED_EQ,
                                  refused.mask, refused.value};
    done =
        done &&
        ::seccomp_rule_add_array(
            filter, SCMP_ACT_ERRNO(static_cast<std::uint16_t>(refused.error)),
            refused.call, refused.mask == 0 ? 0 : 1,
            refused.mask == 0 ? nullptr : &comparison) == 0;
  }
  done = done && ::seccomp_load(filter) == 0;
  ::seccomp_release(filter);
  return done;
}

} // namespace outrigger::os::test
