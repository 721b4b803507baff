// BYTE DECODER: the bytes that were packed by gzip, bzip2, xz or zstd, one
// piece after another, or those of a file that was not packed.
//
// These are the compression libraries themselves and not libarchive's filters
// over them: those do not compare gzip's checksums, so that content may change
// unnoticed, and let xz take a gigabyte of memory and zstd 128 MiB.
#pragma once

#include "actors/os/files/archive_complaint.hpp"
#include "actors/os/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace outrigger::os {

class byte_decoder {
public:
  /// What unpacking may take: enough for xz -9 and zstd --ultra -21, whose
  /// dictionaries have 64 MiB. It is touched only as far as there is something
  /// to unpack, and as many archives as there are threads for slow work are
  /// unpacked at a time.
  static constexpr std::size_t max_memory = std::size_t{72} << 20;
  /// How much of the file may be read without a byte to show for it.
  static constexpr std::size_t max_idle = std::size_t{4} << 20;

  virtual ~byte_decoder() = default;

  /// At most `size` bytes, at least one; 0 at the end, when all checksums were
  /// right and nothing is left of the file. Else errc::bad_archive or
  /// archive_limit, with a complaint.
  [[nodiscard]] virtual result<std::size_t> read(char* to,
                                                 std::size_t size) = 0;

  /// How far it has come in the file.
  [[nodiscard]] virtual std::uint64_t position() const noexcept = 0;
};

/// Decides by the first bytes of the file, which is read by pread(2): its
/// position is neither asked nor changed. `fd` and `complaint` outlive it.
[[nodiscard]] std::unique_ptr<byte_decoder>
make_decoder(int fd, archive_complaint& complaint);

} // namespace outrigger::os
