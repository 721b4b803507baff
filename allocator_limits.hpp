// What the allocator keeps of memory that was freed.

#pragma once

namespace outrigger {

/// For the whole process, before there are threads.
void limit_allocator();

} // namespace outrigger
