package dev.architekt.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;

/** What tells the content of a file from what was, or will be, under its name. */
record FileStamp(Object key, long size, FileTime modified) {
  static FileStamp of(Path file) throws IOException {
    BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
    return new FileStamp(String.valueOf(found.fileKey()), found.size(), found.lastModifiedTime());
  }

  /** Whether somebody wrote to it so lately that he may not have finished. */
  boolean isFresh(Duration limit) {
    return modified.toInstant().isAfter(Instant.now().minus(limit));
  }
}
