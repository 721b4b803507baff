// ARCHIVE COMPLAINT: why an archive is refused, as a sentence for whoever sent
// it. Shared by the parts that read one archive; the first word counts, because
// it is the cause of those that follow.
#pragma once

#include "actors/os/error.hpp"

#include <string>
#include <string_view>

namespace outrigger::os {

class archive_complaint {
public:
  /// `"<member>" <what>`, such as `"../x" leads outside`. Gives the error back.
  std::error_code about(std::string_view member, std::string_view what,
                        std::error_code error = errc::bad_archive);

  /// `the archive <what>`.
  std::error_code about_archive(std::string_view what,
                                std::error_code error = errc::bad_archive);

  /// The sentence, in valid UTF-8 without control characters and without a full
  /// stop; empty when there is none.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
  std::string text_;
};

/// A name of any bytes in quotes, fit to be shown: odd bytes as "?", cut when
/// it is very long.
[[nodiscard]] std::string shown_name(std::string_view name);

} // namespace outrigger::os
