package dev.architekt.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.node.blueprint.Blueprint;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The same inputs give the same files, whenever they are built. */
@Tag("vm")
@Tag("full")
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SameTreeTest {
  @TempDir Path folder;

  @Test
  void twoBuildsOfTheSameInputsHoldTheSameFiles() throws Exception {
    Blueprint first = build("first");
    Blueprint second = build("second");
    assertThat(second.manifest().tree()).isNotEmpty().isEqualTo(first.manifest().tree());
  }

  private Blueprint build(String name) throws Exception {
    return Blueprint.build(
        Blueprint.Options.of(folder.resolve(name), "nginx", "memcached"), line -> {});
  }
}
