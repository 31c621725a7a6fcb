package dev.architekt.testkit.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * {@code ConversationMain KIND HOST PORT}: talks until a line comes in, then verifies. Says {@code
 * started}, then {@code stopped} or {@code failed}, each as one JSON object a line.
 */
public final class ConversationMain {
  private static final long PAUSE_MS = 10;

  private ConversationMain() {}

  public static void main(String[] words) {
    try (Conversation conversation = open(words[0], words[1], Integer.parseInt(words[2]))) {
      talk(conversation);
    } catch (IOException | InterruptedException | RuntimeException e) {
      System.out.println("{\"event\":\"failed\",\"reason\":\"" + escaped(e.toString()) + "\"}");
      System.exit(1);
    }
  }

  private static Conversation open(String kind, String host, int port) throws IOException {
    return switch (kind) {
      case "memcached" -> new MemcachedConversation(host, port);
      case "mqtt" -> new MqttConversation(host, port);
      case "http" -> new HttpConversation(host, port);
      case "psql" -> new PsqlConversation(host, port);
      case "minetest" -> new MinetestConversation(host, port);
      default -> throw new IllegalArgumentException("no conversation '" + kind + "'");
    };
  }

  private static void talk(Conversation conversation) throws IOException, InterruptedException {
    CountDownLatch told = new CountDownLatch(1);
    Thread.ofPlatform().daemon().name("told-to-stop").start(() -> awaitLine(told));
    conversation.exchange(0);
    String identity = conversation.identity();
    System.out.println("{\"event\":\"started\",\"identity\":\"" + escaped(identity) + "\"}");
    long exchanges = 1;
    long longest = 0;
    long last = System.nanoTime();
    while (!told.await(PAUSE_MS, TimeUnit.MILLISECONDS)) {
      conversation.exchange(exchanges++);
      long now = System.nanoTime();
      longest = Math.max(longest, now - last);
      last = now;
    }
    String verified = conversation.verify(exchanges);
    System.out.printf(
        Locale.ROOT,
        "{\"event\":\"stopped\",\"exchanges\":%d,\"gapMs\":%.1f,\"sameConnection\":%b,\"verified\":\"%s\"}%n",
        exchanges,
        longest / 1e6,
        identity.equals(conversation.identity()),
        escaped(verified));
  }

  private static void awaitLine(CountDownLatch told) {
    try (var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      in.readLine();
    } catch (IOException e) {
      // Whoever started this is gone: an end too.
    }
    told.countDown();
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ");
  }
}
