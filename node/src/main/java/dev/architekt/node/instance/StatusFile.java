package dev.architekt.node.instance;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.migration.core.Status;
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
  private static final String NAME = StateDirectory.STATUS;
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final long PAGE_BYTES = 4096;
  private static final long SOURCE_BYTES_MAX = 4096;

  private final StateDirectory state;
  private final Map<String, Object> facts = new LinkedHashMap<>();
  private final WriteRate rate = new WriteRate();
  private DataPlane measured;
  private Map<String, Object> last = Map.of();

  public StatusFile(StateDirectory state) {
    this.state = state;
  }

  /** Says {@code value} with all that is written from now on. */
  public void fact(String name, Object value) {
    facts.put(name, value);
  }

  /** Of one side of a move, which has no {@code plane} (null) before it has a machine. */
  public void write(String role, Status status, DataPlane plane) throws IOException {
    Map<String, Object> now = begin(role, status.phase());
    now.put("epoch", status.epoch());
    now.put("linked", status.linked());
    now.put("deliveryUnknown", status.deliveryUnknown());
    now.put("durable", status.durable());
    now.put("remainingPages", status.remainingPages());
    now.put("text", status.text());
    write(now, plane);
  }

  /** Of what is no move; {@code text} says it in a sentence. */
  public void write(String role, String phase, String text, DataPlane plane) throws IOException {
    Map<String, Object> now = begin(role, phase);
    now.put("text", text);
    write(now, plane);
  }

  private static Map<String, Object> begin(String role, String phase) {
    Map<String, Object> now = new LinkedHashMap<>();
    now.put("pid", ProcessHandle.current().pid());
    now.put("role", role);
    now.put("phase", phase);
    return now;
  }

  private void write(Map<String, Object> now, DataPlane plane) throws IOException {
    if (plane != null) {
      now.put("instance", plane.spec().id());
      now.put("name", plane.spec().name());
      now.put("address", plane.spec().address());
      now.put("machine", machine(plane));
      putPages(now, plane);
    }
    now.putAll(facts);
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

  private void putPages(Map<String, Object> now, DataPlane plane) throws IOException {
    long missing = plane.stores().absentPages() * PAGE_BYTES;
    now.put("missingBytes", missing);
    if (missing > 0) {
      now.put("missingAt", source());
    }
    if (plane != measured) {
      measured = plane;
      rate.reset();
    }
    now.put("dirtyBytesPerSecond", rate.at(System.nanoTime(), plane.stores().writtenBytes()));
  }

  private String source() throws IOException {
    Path file = state.file("source.txt");
    return Files.isRegularFile(file) && Files.size(file) <= SOURCE_BYTES_MAX
        ? Files.readString(file)
        : "unknown";
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

  public void remove() throws IOException {
    state.delete(NAME);
  }
}
