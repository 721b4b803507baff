// What a file or folder that takes the place of another inherits from it.
#pragma once

namespace outrigger::os {

/// Gives `to`, which is ours, the owner, the permissions, the access lists and
/// the user's extended attributes of `from`, which may be O_PATH, as far as we
/// may. A file's set-user-ID and set-group-ID are not among them: as when
/// anybody else writes to such a file, it loses them.
void keep_attributes(int from, int to);

} // namespace outrigger::os
