package dev.architekt.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each promise is broken in turn, and each is missed. */
final class VerdictTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String GAP =
      "{'requests':9,'errors':0,'reconnects':0,'socketAtStart':{'localPort':1,'inode':2},"
          + "'socketAtEnd':{'localPort':1,'inode':2}}";
  private static final String LOAD =
      "{'requests':9,'errors':0,'reconnects':0,'acknowledgedWrites':9,"
          + "'socketsAtStart':[{'localPort':3,'inode':4}],'socketsAtEnd':[{'localPort':3,'inode':4}]}";
  private static final String CLOCK =
      "{'requests':9,'errors':0,'reconnects':0,'bootIds':['b1'],'backwardSteps':0,'offsetMs':-54.5,"
          + "'offsetUncertaintyMs':5}";
  private static final String VERIFIED = "{'keysChecked':7,'lostWrites':0}";
  private static final Set<String> SOCKETS = Set.of("1/2", "3/4");

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text.replace('\'', '"'));
    } catch (java.io.IOException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  private static HopResult hop() {
    return new HopResult(1, "node-1", "node-2", 1, json("{}"), json("{}"), 1);
  }

  private static List<String> judge(
      String gap, String load, String clock, String verified, Set<String> after, long resets) {
    return Verdict.broken(
        new Evidence(
            1,
            List.of(hop()),
            json(gap),
            json(load),
            json(clock),
            json(verified),
            SOCKETS,
            after,
            resets));
  }

  @Test
  void aCleanMoveIsAcquitted() {
    assertThat(judge(GAP, LOAD, CLOCK, VERIFIED, SOCKETS, 0)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'errors':0      | 'errors':1      | requests failed
          'errors':0      | 'error':0       | requests failed
          'reconnects':0  | 'reconnects':2  | connections were lost
          'reconnects':0  | 'connects':0    | connections were lost
          'requests':9    | 'requests':0    | sent no request
          'inode':2}}     | 'inode':5}}     | the gap probe's socket changed
          'socketAtEnd'   | 'nothing'       | the gap probe's socket changed
          """,
      quoteCharacter = '`')
  void whatTheGapProbeSawIsJudged(String was, String is, String complaint) {
    assertThat(GAP).contains(was);
    assertThat(judge(GAP.replace(was, is), LOAD, CLOCK, VERIFIED, SOCKETS, 0))
        .singleElement()
        .asString()
        .contains(complaint);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'bootIds':['b1']  | 'bootIds':['b1','b2'] | rebooted
          'bootIds':['b1']  | 'bootIds':[]          | did not say its boot id
          'backwardSteps':0 | 'backwardSteps':1     | clock went back
          'backwardSteps':0 | 'steps':0             | clock went back
          'offsetMs':-54.5  | 'offsetMs':-55.5      | clock is -55.5 ms off
          'offsetMs':-54.5  | 'offsetMs':55.5       | clock is +55.5 ms off
          'offsetMs':-54.5  | 'offset':0            | clock is +0.0 ms off
          """,
      quoteCharacter = '`')
  void whatTheClockProbeSawIsJudged(String was, String is, String complaint) {
    assertThat(judge(GAP, LOAD, CLOCK.replace(was, is), VERIFIED, SOCKETS, 0))
        .singleElement()
        .asString()
        .contains(complaint);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {'keysChecked':7,'lostWrites':1} | writes lost: 1
          {'keysChecked':7}                | writes lost
          {'keysChecked':0,'lostWrites':0} | no key was read back
          """,
      quoteCharacter = '`')
  void whatRedisReadBackIsJudged(String verified, String complaint) {
    assertThat(judge(GAP, LOAD, CLOCK, verified, SOCKETS, 0))
        .singleElement()
        .asString()
        .contains(complaint);
  }

  @Test
  void whatTheKernelSaysIsJudgedWhateverTheProbesSay() {
    assertThat(judge(GAP, LOAD, CLOCK, VERIFIED, Set.of("1/2", "3/9"), 0))
        .singleElement()
        .asString()
        .contains("before", "3/9");
    assertThat(judge(GAP, LOAD, CLOCK, VERIFIED, Set.of("1/2"), 0)).hasSize(1);
    assertThat(judge(GAP, LOAD, CLOCK, VERIFIED, SOCKETS, 1))
        .containsExactly("the kernel counted 1 resets");
  }

  @Test
  void fewerHopsThanAskedForAreNoPass() {
    Evidence seen =
        new Evidence(
            2,
            List.of(hop()),
            json(GAP),
            json(LOAD),
            json(CLOCK),
            json(VERIFIED),
            SOCKETS,
            SOCKETS,
            0);
    assertThat(Verdict.broken(seen)).containsExactly("1 hops were made, 2 were asked for");
  }

  @Test
  void silenceOnEverythingBreaksEverything() {
    List<String> broken = new ArrayList<>(judge("{}", "{}", "{}", "{}", Set.of(), 0));
    assertThat(broken).hasSizeGreaterThan(8);
  }

  @Test
  void socketsAndResetsAreReadAsTheKernelPrintsThem() throws Exception {
    String list =
        """
        0      0          10.77.0.100:43210       10.77.0.50:6379  ino:1234 sk:5 cgroup:/ <->
        0      17         10.77.0.100:43212       10.77.0.50:1341  ino:99 sk:1001
        """;
    assertThat(Clients.parse(list)).containsExactlyInAnyOrder("43210/1234", "43212/99");
    String snmp =
        """
        Ip: Forwarding DefaultTTL
        Ip: 1 64
        Tcp: RtoAlgorithm EstabResets CurrEstab OutRsts InCsumErrors
        Tcp: 1 3 5 4 0
        """;
    assertThat(Clients.resets(snmp)).isEqualTo(7);
  }
}
