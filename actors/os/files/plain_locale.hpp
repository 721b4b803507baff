// The locale in which libarchive leaves names as they are.
#pragma once

#include <locale.h>

namespace outrigger::os {

/// While it lives, this thread is in the locale "C". libarchive converts names
/// that pax says are UTF-8 to the charset of the locale, and where that is
/// UTF-8 composes their accents on the way: other names than those in the
/// archive, two of them perhaps the same. Here it cannot, says so, and leaves
/// the bytes as they are.
class plain_locale {
public:
  plain_locale() : before_(::uselocale(plain())) {}
  plain_locale(const plain_locale&) = delete;
  plain_locale& operator=(const plain_locale&) = delete;
  ~plain_locale() { ::uselocale(before_); }

private:
  static locale_t plain() {
    static const locale_t one = ::newlocale(LC_ALL_MASK, "C", nullptr);
    return one;
  }

  locale_t before_;
};

} // namespace outrigger::os
