// What is in a file: its digest, its type, whether it is text. Blocks: for the
// worker pool.
#pragma once

#include "actors/os/result.hpp"

#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>

namespace outrigger::os {

enum class digest_kind { sha256, sha1, md5 };

/// Of a whole open file, as lower-case hex. ECANCELED soon after it is asked
/// to stop.
[[nodiscard]] result<std::string> digest_of(int fd, digest_kind kind,
                                            std::stop_token stop);

/// How far is_binary looks, as git does.
inline constexpr std::size_t binary_window = 8000;

/// A NUL byte in the first binary_window bytes.
[[nodiscard]] bool is_binary(std::string_view start);

/// The MIME type: by the name's ending where that says more than the content
/// (source code, style sheets, …), else by libmagic from the content's start;
/// "inode/directory" is not asked here. Text has its charset:
/// "text/plain; charset=utf-8". Any thread.
[[nodiscard]] std::string mime_type_of(std::string_view name,
                                       std::string_view start);

} // namespace outrigger::os
