package dev.architekt.cli.demo.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The page is well-formed, needs nothing from elsewhere, and takes no text for markup. */
class PageTest {
  static final Summary SUMMARY =
      new Summary(
          "A Redis VM on the move: 1 hop",
          Instant.parse("2026-11-25T20:00:00Z"),
          "./architekt demo --hops 1",
          List.of("load L1"),
          List.of("client: 5 requests"),
          List.of());

  static {
    // Tests run inside their room's module, which itself has no use for XML.
    PageTest.class.getModule().addReads(ModuleLayer.boot().findModule("java.xml").orElseThrow());
  }

  private static Document parse(String html) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(html)));
  }

  private static List<Element> elements(Document page, String tag) {
    NodeList found = page.getElementsByTagName(tag);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      elements.add((Element) found.item(i));
    }
    return elements;
  }

  @Test
  void everyHopHasItsPicturesAndItsFigures() throws Exception {
    String html = Page.html(SUMMARY, List.of(new SampleHop().timeline()), 0);
    Document page = parse(html);
    assertThat(elements(page, "section").getFirst().getAttribute("id")).isEqualTo("hop-1");
    List<Element> charts = elements(page, "svg");
    assertThat(charts).hasSize(4); // whole and pause, for a desk and for a phone
    for (Element chart : charts) {
      assertThat(chart.getAttribute("role")).isEqualTo("img");
      assertThat(chart.getTextContent()).contains("latency, ms");
    }
    assertThat(charts.getFirst().getTextContent())
        .contains("phase", "MB", "gap 130.0 ms", "seconds after the peer on node-2 was started");
    assertThat(charts.getLast().getTextContent()).contains("save device state", "7.0 ms");
    assertThat(elements(page, "caption")).hasSize(3);
    assertThat(html).contains("PASSED", "on the wire, MB", "92.3", "12,345");
  }

  @Test
  void nothingComesFromElsewhere() throws Exception {
    String html = Page.html(SUMMARY, List.of(new SampleHop().timeline()), 0);
    assertThat(html).doesNotContain("http:", "https:", "src=", "@import", "url(", "xlink", "//www");
    Document page = parse(html);
    for (String foreign : List.of("link", "img", "iframe", "object", "image", "use", "base")) {
      assertThat(elements(page, foreign)).as(foreign).isEmpty();
    }
    for (Element anchor : elements(page, "a")) {
      assertThat(anchor.getAttribute("href")).startsWith("#");
    }
  }

  @Test
  void idsAreThereOnceAndWhatPointsAtThemFindsThem() throws Exception {
    Document page = parse(Page.html(SUMMARY, List.of(new SampleHop().timeline()), 0));
    Set<String> ids = new HashSet<>();
    List<Element> all = elements(page, "*");
    for (Element element : all) {
      if (element.hasAttribute("id")) {
        assertThat(ids.add(element.getAttribute("id"))).as(element.getAttribute("id")).isTrue();
      }
    }
    for (Element element : all) {
      for (String id : element.getAttribute("aria-labelledby").split(" ")) {
        assertThat(id.isEmpty() || ids.contains(id)).as(id).isTrue();
      }
    }
  }

  @Test
  void textIsNeverMarkup() throws Exception {
    String evil = "</td></script><script>alert(1)</script>\"'&amp;\u0000\u001b[31m\ud800";
    SampleHop hop = new SampleHop();
    hop.report.put("switchReason", evil);
    hop.said.add(new Said(1, evil, evil, evil));
    Summary summary =
        new Summary(evil, Instant.EPOCH, evil, List.of(evil), List.of(evil), List.of(evil));
    Document page = parse(Page.html(summary, List.of(hop.timeline()), 0));
    assertThat(elements(page, "script")).hasSize(1);
    assertThat(elements(page, "h1").getFirst().getTextContent())
        .isEqualTo("</td></script><script>alert(1)</script>\"'&amp;\ufffd\ufffd[31m\ufffd");
    assertThat(page.getDocumentElement().getTextContent()).contains("FAILED");
  }

  @Test
  void twentyHopsAreFarBelowTwoMegabytes() throws Exception {
    List<Timeline> hops = new ArrayList<>();
    SampleHop hop = new SampleHop();
    for (int i = 0; i < Recording.SAID_MAX; i++) {
      hop.said.add(new Said(i, "peer on node-2", "notice", "x".repeat(200)));
    }
    for (int number = 1; number <= 20; number++) {
      hops.add(Timeline.of(hop.material(number)));
    }
    String html = Page.html(SUMMARY, hops, 3);
    assertThat(html.length()).isLessThan(2_000_000);
    assertThat(html).contains("3 more hops were made");
    assertThat(elements(parse(html), "svg")).hasSize(80);
  }

  @Test
  void aDemoWithoutAHopHasAPageToo() throws Exception {
    String html = Page.html(SUMMARY, List.of(), 0);
    assertThat(parse(html).getDocumentElement().getTextContent()).contains("No hop was completed");
  }

  @Test
  void markupIsClosedAndStyleHasNothingToEscape() {
    assertThatThrownBy(() -> new Markup().open("p").document())
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> new Markup().raw("a < b"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Markup.decimal(-0.04)).isEqualTo("0");
    assertThat(Markup.decimal(-1.25) + " " + Markup.decimal(880)).isEqualTo("-1.2 880");
  }
}
