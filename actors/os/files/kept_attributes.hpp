// What a file that takes the place of another inherits from it.
#pragma once

namespace outrigger::os {

/// Gives `to`, a file of ours, the owner, the permissions, the access list and
/// the user's extended attributes of `from`, which may be O_PATH, as far as we
/// may. Set-user-ID and set-group-ID are not among them: as when anybody else
/// writes to such a file, it loses them.
void keep_attributes(int from, int to);

} // namespace outrigger::os
