package dev.architekt.node.instance;

import dev.architekt.migration.core.Authority;
import dev.architekt.migration.core.JournalEntry;
import dev.architekt.node.state.DurableRecord;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * The two durable records that decide who may run an instance: its {@link Authority}, and the
 * {@link JournalEntry} of what is being done to its machine. One line of text each; once a write
 * returns it survives the host.
 */
public final class AuthorityFile implements AutoCloseable {
  private final DurableRecord authority;
  private final DurableRecord journal;

  private AuthorityFile(DurableRecord authority, DurableRecord journal) {
    this.authority = authority;
    this.journal = journal;
  }

  public static AuthorityFile open(StateDirectory state) throws IOException {
    DurableRecord authority = DurableRecord.open(state.file("authority"));
    try {
      return new AuthorityFile(authority, DurableRecord.open(state.file("journal")));
    } catch (IOException e) {
      authority.close();
      throw e;
    }
  }

  public void write(Authority value) throws IOException {
    authority.write(encode(value).getBytes(StandardCharsets.UTF_8));
  }

  public void write(JournalEntry entry) throws IOException {
    String line = entry.intent() + " " + entry.session() + " " + entry.attempt();
    journal.write(line.getBytes(StandardCharsets.UTF_8));
  }

  public Authority authority() throws IOException {
    byte[] bytes = authority.read().orElse(new byte[0]);
    if (bytes.length == 0) {
      return new Authority.None();
    }
    return decode(new String(bytes, StandardCharsets.UTF_8));
  }

  public JournalEntry journal() throws IOException {
    byte[] bytes = journal.read().orElse(new byte[0]);
    if (bytes.length == 0) {
      return JournalEntry.NOTHING;
    }
    String[] words = new String(bytes, StandardCharsets.UTF_8).split(" ");
    try {
      return new JournalEntry(
          JournalEntry.Intent.valueOf(words[0]),
          UUID.fromString(words[1]),
          Integer.parseInt(words[2]));
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      throw new IOException("journal record is damaged: \"" + String.join(" ", words) + "\"", e);
    }
  }

  static String encode(Authority value) {
    return switch (value) {
      case Authority.None none -> "NONE";
      case Authority.Running(long epoch) -> "RUNNING " + epoch;
      case Authority.Granted(long epoch, UUID session, UUID to, int attempt) ->
          "GRANTED " + epoch + " " + session + " " + to + " " + attempt;
      case Authority.Accepted(long epoch, UUID session) -> "ACCEPTED " + epoch + " " + session;
      case Authority.Declined(long epoch, UUID session) -> "DECLINED " + epoch + " " + session;
      case Authority.Released(long epoch) -> "RELEASED " + epoch;
    };
  }

  static Authority decode(String line) throws IOException {
    String[] words = line.split(" ");
    try {
      return switch (words[0]) {
        case "NONE" -> new Authority.None();
        case "RUNNING" -> new Authority.Running(Long.parseLong(words[1]));
        case "GRANTED" ->
            new Authority.Granted(
                Long.parseLong(words[1]),
                UUID.fromString(words[2]),
                UUID.fromString(words[3]),
                Integer.parseInt(words[4]));
        case "ACCEPTED" ->
            new Authority.Accepted(Long.parseLong(words[1]), UUID.fromString(words[2]));
        case "DECLINED" ->
            new Authority.Declined(Long.parseLong(words[1]), UUID.fromString(words[2]));
        case "RELEASED" -> new Authority.Released(Long.parseLong(words[1]));
        default -> throw new IOException("authority record is damaged: \"" + line + "\"");
      };
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      throw new IOException("authority record is damaged: \"" + line + "\"", e);
    }
  }

  @Override
  public void close() {
    authority.close();
    journal.close();
  }
}
