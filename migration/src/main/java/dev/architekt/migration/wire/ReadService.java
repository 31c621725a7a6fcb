package dev.architekt.migration.wire;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;
import dev.architekt.region.Region;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Serves regions that do not change, to those who ask by {@link Right#READ}: a package, for
 * example. Answers Describe, and each Demand on the lane that it came on, in order, with Pages and
 * Zeroes that cover exactly what was asked for. One object serves any number of links.
 *
 * <p>Reads happen on the lane's thread; so a bulk demand that waits for a disk holds up no urgent
 * one.
 */
public final class ReadService implements LinkAcceptor {
  private final Message.Description description;
  private final List<Region> regions;

  /**
   * Serves {@code regions}, which stay the caller's.
   *
   * @param description what Describe is answered with; its regions are those of the list, in order
   */
  public ReadService(Message.Description description, List<? extends Region> regions) {
    if (description.regions().size() != regions.size()) {
      throw new IllegalArgumentException(
          description.regions().size() + " regions described, " + regions.size() + " given");
    }
    for (int i = 0; i < regions.size(); i++) {
      long expected = description.regions().get(i).pages() * Bounds.PAGE_BYTES;
      if (regions.get(i).size() < expected - Bounds.PAGE_BYTES + 1
          || regions.get(i).size() > expected) {
        throw new IllegalArgumentException(
            "region "
                + i
                + ": described with "
                + expected
                + " bytes in whole pages, has "
                + regions.get(i).size());
      }
    }
    this.description = description;
    this.regions = List.copyOf(regions);
  }

  @Override
  public LinkHandler up(Link link) {
    return new Reader(link.hello().lanes());
  }

  /** One link's buffers: one a lane, made when the lane is first used. */
  private final class Reader implements LinkHandler {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment[] buffers;

    Reader(int lanes) {
      buffers = new MemorySegment[lanes];
    }

    @Override
    public void received(Link link, int lane, Message message) throws IOException {
      switch (message) {
        case Message.Describe _ -> link.send(description);
        case Message.Demand demand when link.hello().right() == Right.READ ->
            answer(link, lane, demand);
        case Message.Ping ping -> link.send(new Message.Pong(ping.number()));
        case Message.Stop stop -> link.close();
        default -> {
          String text =
              "whoever asked for the right to "
                  + link.hello().right().name().toLowerCase(java.util.Locale.ROOT)
                  + " gets no more than that, found "
                  + Tag.of(message);
          link.send(new Message.Stop(Reason.NOT_AUTHORIZED, text));
          throw new ProtocolException(text);
        }
      }
    }

    private void answer(Link link, int lane, Message.Demand demand) throws IOException {
      int index = demand.region();
      if (index >= regions.size()
          || demand.firstPage() + demand.pages() > description.regions().get(index).pages()) {
        String text = "expected pages that were described, found " + demand;
        link.send(new Message.Stop(Reason.PROTOCOL, text));
        throw new ProtocolException(text);
      }
      MemorySegment data = buffer(lane).asSlice(0, (long) demand.pages() * Bounds.PAGE_BYTES);
      try {
        read(regions.get(index), demand.firstPage() * Bounds.PAGE_BYTES, data);
      } catch (IOException e) {
        link.send(
            new Message.Stop(
                Reason.STORAGE,
                "reading " + description.regions().get(index).name() + ": " + e.getMessage()));
        throw e;
      }
      for (int page = 0; page < demand.pages(); ) {
        int run = ZeroPages.run(data, page, demand.pages());
        long first = demand.firstPage() + page;
        link.send(
            lane,
            ZeroPages.isZero(data, page)
                ? new Message.Zeroes(index, first, run, 0, true)
                : new Message.Pages(
                    index,
                    first,
                    run,
                    0,
                    true,
                    data.asSlice((long) page * Bounds.PAGE_BYTES, (long) run * Bounds.PAGE_BYTES)));
        page += run;
      }
    }

    private void read(Region region, long offset, MemorySegment data) throws IOException {
      // The last page may be there in part only; its rest reads as zeroes.
      long length = Math.min(data.byteSize(), region.size() - offset);
      region.read(offset, data.asSlice(0, length));
      data.asSlice(length).fill((byte) 0);
    }

    private MemorySegment buffer(int lane) {
      // Each lane has one thread, so its element has one user.
      if (buffers[lane] == null) {
        buffers[lane] = arena.allocate(Wire.RUN_BYTES_MAX, 64);
      }
      return buffers[lane];
    }

    @Override
    public void lost(Link link, WireException cause) {
      arena.close();
    }
  }
}
