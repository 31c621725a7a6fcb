package dev.architekt.node.peer;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.ReadService;
import dev.architekt.node.Facts;
import dev.architekt.node.LocalPackage;
import dev.architekt.node.Wiring;
import dev.architekt.node.instance.AuthorityFile;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.Host;
import dev.architekt.node.instance.Stores;
import dev.architekt.node.state.InstanceSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Resumes a package once as a peer would, on the host that made it, and asks the guest whether it
 * serves; nothing of it stays. Used once.
 */
public final class ResumeCheck {
  /** What must hold of the guest that was resumed. */
  @FunctionalInterface
  public interface Judge {
    /**
     * @throws IOException if it does not hold; the message says what
     */
    void judge(DataPlane plane) throws IOException, InterruptedException;
  }

  private static final int CONSOLE_LINES = 15;

  private final Host host;
  private final Duration patience;
  private volatile PackageStart start;
  private volatile boolean cancelled;

  /**
   * @param host with a state directory of the check's own
   * @param patience with the guest's agent
   */
  public ResumeCheck(Host host, Duration patience) {
    this.host = host;
    this.patience = patience;
  }

  /**
   * Runs it; what the guest touches is recorded if there is a recorder.
   *
   * @throws IOException if the guest does not resume, cannot become an instance of its own, or does
   *     not hold before the judge; with the end of its console
   */
  public void run(ReadService offered, Optional<TouchTrace> recorder, Judge judge)
      throws IOException, InterruptedException {
    try (LocalPackage local = LocalPackage.open(offered);
        BlobClient client =
            BlobClient.local(local, PackageStart.LANES, Wiring.WINDOW_BYTES, patience.toSeconds());
        AuthorityFile authority = AuthorityFile.open(host.state())) {
      Message.Description description = client.describe();
      InstanceSpec template = Facts.spec(description, client.origin());
      var manner =
          new PackageStart.Manner(Optional.empty(), patience, true, recorder, Optional.empty());
      start = new PackageStart(host, manner, authority, client);
      if (cancelled) {
        throw new InterruptedException();
      }
      try (DataPlane plane = start.start(description, template)) {
        judge(judge, plane);
      } finally {
        Stores.deleteAll(host.state());
      }
    }
  }

  private static void judge(Judge judge, DataPlane plane) throws IOException, InterruptedException {
    try {
      judge.judge(plane);
    } catch (IOException e) {
      throw withConsole(e, plane);
    }
  }

  /** The same failure, with what the guest said last. */
  static IOException withConsole(IOException failure, DataPlane plane) {
    String console = plane.machine().consoleTail(CONSOLE_LINES).strip();
    return new IOException(
        failure.getMessage()
            + (console.isEmpty()
                ? ". The guest's console says nothing"
                : ". The end of the guest's console:\n" + console),
        failure);
  }

  /** Ends it from another thread: {@link #run} fails soon. */
  public void cancel() throws IOException {
    cancelled = true;
    if (start != null) {
      start.cancel();
    }
  }
}
