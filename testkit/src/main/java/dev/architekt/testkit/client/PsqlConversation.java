package dev.architekt.testkit.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * PostgreSQL's own {@code psql} in one open transaction: each insert answers with the transaction's
 * and the server process's number, which must stay the same; the commit comes at the end.
 */
final class PsqlConversation implements Conversation {
  /** Role, password and database alike. */
  static final String ROLE = "demo";

  private final String host;
  private final int port;
  private final Process psql;
  private final PrintStream in;
  private final BufferedReader out;
  private String session = "";

  PsqlConversation(String host, int port) throws IOException {
    this.host = host;
    this.port = port;
    this.psql = start("-v", "ON_ERROR_STOP=1");
    this.in = new PrintStream(psql.getOutputStream(), true, StandardCharsets.UTF_8);
    this.out = psql.inputReader(StandardCharsets.UTF_8);
    in.println("begin; create table moved (n bigint);");
  }

  private Process start(String... more) throws IOException {
    List<String> command = new ArrayList<>(List.of("psql", "-qAtX", "-h", host, "-p", port + ""));
    command.addAll(List.of("-U", ROLE, "-d", ROLE));
    command.addAll(List.of(more));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PGPASSWORD", ROLE);
    return builder.start();
  }

  @Override
  public void exchange(long n) throws IOException {
    in.println(
        "insert into moved values ("
            + n
            + ") returning n, txid_current(), pg_backend_pid(), inet_client_port();");
    String answer = out.readLine();
    if (answer == null || !answer.startsWith(n + "|")) {
      throw new IOException("insert " + n + " was answered by '" + answer + "'");
    }
    String now = answer.substring(answer.indexOf('|') + 1);
    if (n == 0) {
      session = now;
    }
    if (!now.equals(session)) {
      throw new IOException("another transaction or server process: " + now + ", was " + session);
    }
  }

  @Override
  public String identity() {
    return session;
  }

  @Override
  public String verify(long exchanges) throws IOException {
    in.println("commit; select 'committed';");
    String committed = out.readLine();
    if (!"committed".equals(committed)) {
      throw new IOException("the commit was answered by '" + committed + "'");
    }
    // By another session: only what is committed is seen.
    Process other = start("-c", "select count(*), count(distinct n), max(n) from moved");
    String found = other.inputReader(StandardCharsets.UTF_8).readLine();
    String wanted = exchanges + "|" + exchanges + "|" + (exchanges - 1);
    if (!wanted.equals(found)) {
      throw new IOException("expected the rows " + wanted + ", found " + found);
    }
    return exchanges + " rows committed in one transaction";
  }

  @Override
  public void close() throws IOException {
    in.close();
    try {
      if (!psql.waitFor(5, TimeUnit.SECONDS)) {
        psql.destroyForcibly();
      }
    } catch (InterruptedException e) {
      psql.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
