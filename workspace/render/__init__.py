"""Everything that parses untrusted files, in a process apart. The parent only passes bytes on."""
