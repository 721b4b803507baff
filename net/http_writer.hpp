// Writes to a stream. Apart from who wants it written for the time it takes to
// compile: each kind of buffers is a set of Asio's templates.

#pragma once

#include <array>
#include <functional>
#include <string_view>

#include "net/stream.hpp"

namespace outrigger {

/// Called on the loop, once.
using written_function = std::function<void(error_code)>;

/// Bytes in a row, some of which may be empty.
using written_pieces = std::array<std::string_view, 4>;

/// Writes all of it. `to` and the bytes must live until `done`.
void write_all(stream& to, const written_pieces& bytes, written_function done);

/// "100 Continue", before the body is read. `to` must live until `done`.
void write_continue(stream& to, written_function done);

} // namespace outrigger
