"""What the end-to-end tests share: the daemon under test and its clients."""
