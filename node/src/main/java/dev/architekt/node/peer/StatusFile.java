package dev.architekt.node.peer;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.migration.core.Status;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** What {@code architekt status} shows: replaced whole whenever it changes, not durable. */
public final class StatusFile {
  public static final String NAME = "status.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final StateDirectory state;
  private Map<String, Object> last = Map.of();

  StatusFile(StateDirectory state) {
    this.state = state;
  }

  void write(String role, Status status, DataPlane plane) throws IOException {
    Map<String, Object> now = new LinkedHashMap<>();
    now.put("pid", ProcessHandle.current().pid());
    now.put("role", role);
    now.put("phase", status.phase());
    now.put("epoch", status.epoch());
    now.put("linked", status.linked());
    now.put("deliveryUnknown", status.deliveryUnknown());
    now.put("durable", status.durable());
    now.put("remainingPages", status.remainingPages());
    now.put("text", status.text());
    if (plane != null) {
      now.put("instance", plane.spec().id());
      now.put("name", plane.spec().name());
      now.put("address", plane.spec().address());
      now.put("machine", machine(plane));
    }
    if (Objects.equals(now, last)) {
      return;
    }
    Path fresh = state.file(NAME + ".new");
    Files.write(fresh, JSON.writeValueAsBytes(now));
    Files.move(
        fresh,
        state.file(NAME),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    last = now;
  }

  /** The machine's state without waiting for its monitor. */
  private static String machine(DataPlane plane) {
    try {
      return plane
          .awaitMachine(Duration.ZERO)
          .map(machine -> machine.state().name())
          .orElse("none");
    } catch (IOException e) {
      return "gone";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "none";
    }
  }

  void remove() throws IOException {
    state.delete(NAME);
  }
}
