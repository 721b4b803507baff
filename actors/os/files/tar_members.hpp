// TAR MEMBERS: what is in a tar file of any kind (GNU, pax, ustar, …), read by
// libarchive.
//
//   byte_decoder ─► libarchive, tar only ─► next(), read()
//
// libarchive gets no more than a few pieces of input for each call, so that no
// header, map of holes or member to be passed over makes it work, or remember,
// without end.
#pragma once

#include "actors/os/files/archive_members.hpp"
#include "actors/os/files/byte_decoder.hpp"

#include <vector>

struct archive;
struct archive_entry;

namespace outrigger::os {

class tar_members final : public archive_members {
public:
  tar_members(std::unique_ptr<byte_decoder> input, const archive_limits& limits,
              archive_complaint& complaint);
  tar_members(const tar_members&) = delete;
  tar_members& operator=(const tar_members&) = delete;
  ~tar_members() override;

  result<next_member> next(archive_member& member) override;
  result<member_piece> read() override;
  std::uint64_t position() const noexcept override {
    return input_->position();
  }

private:
  std::error_code open();
  result<next_member> drain();
  std::error_code refuse();
  std::error_code fill(archive_member& member, ::archive_entry* entry);
  result<std::size_t> more();
  result<std::size_t> give();

  std::unique_ptr<byte_decoder> input_;
  const archive_limits limits_;
  archive_complaint& complaint_;
  ::archive* archive_ = nullptr;
  std::vector<char> buffer_;
  std::uint64_t given_ = 0;     // to libarchive, in all
  std::uint64_t given_now_ = 0; // since it was called
  std::error_code input_error_; // why it got nothing
  std::string name_;            // of the member being read
  bool at_end_ = false;
};

} // namespace outrigger::os
