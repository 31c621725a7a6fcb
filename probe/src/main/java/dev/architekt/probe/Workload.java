package dev.architekt.probe;

import java.io.IOException;
import java.util.Map;

/** Something that talks to an instance and measures it until it is told to stop. */
interface Workload {
  void start() throws IOException;

  /** Ends the window and begins the next. */
  WindowReport mark(String label) throws IOException;

  /** The window so far. */
  WindowReport peek() throws IOException;

  /** Ends it: waits a bounded time for answers that are still due, then closes the connections. */
  void stop() throws IOException, InterruptedException;

  /** What is known beyond the windows, for the control channel. */
  Map<String, Object> details() throws IOException;
}
