// What a file system tells about a file only when it is closed.
#pragma once

#include <system_error>

namespace outrigger::os {

/// Has the file system say what it kept for the end: over a network (NFS,
/// FUSE) a full disk or a failed write shows only when the file is closed,
/// which is too late once it has its name. Says nothing about power failures:
/// that is fdatasync(2). Local file systems have nothing to do.
[[nodiscard]] std::error_code flush_file(int fd);

} // namespace outrigger::os
