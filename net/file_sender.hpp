// FILE SENDER: an answer whose body the kernel takes from a file to a plain
// socket by itself. Reading the file may block, so that is done elsewhere:
//
//   loop: head, then ─┬─► other thread: sendfile until the socket is full ─┐
//                     └───────── loop: waits for room in the socket ◄──────┘

#pragma once

#include <memory>

#include "net/transfer.hpp"
#include "protocol/endpoint.hpp"

namespace outrigger {

/// A file that has become shorter cuts the connection.
[[nodiscard]] std::shared_ptr<transfer> send_file(transfer_setup setup,
                                                  file_body file);

} // namespace outrigger
