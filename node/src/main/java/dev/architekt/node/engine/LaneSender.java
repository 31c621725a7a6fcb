package dev.architekt.node.engine;

import java.util.concurrent.LinkedBlockingQueue;

/**
 * Sends on one lane, in the order of asking, on a platform thread of its own. The queue is as long
 * as the credit window lets the core make it.
 */
final class LaneSender implements AutoCloseable {
  /** Something to send; a failure has been reported by whoever made it. */
  interface Job {
    void run(ExtentReader reader);
  }

  private static final Job END = reader -> {};

  private final LinkedBlockingQueue<Job> jobs = new LinkedBlockingQueue<>();

  LaneSender(String name) {
    Thread.ofPlatform().daemon().name(name).start(this::loop);
  }

  void submit(Job job) {
    jobs.add(job);
  }

  private void loop() {
    try (ExtentReader reader = new ExtentReader()) {
      for (Job job = jobs.take(); job != END; job = jobs.take()) {
        job.run(reader);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the thread after what was submitted; what is submitted later is dropped. */
  @Override
  public void close() {
    jobs.add(END);
  }
}
