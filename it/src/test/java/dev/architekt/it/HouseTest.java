package dev.architekt.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Who may use whom: the house as ARCHITECTURE draws it, held against poms, modules and compiled
 * classes.
 */
@Tag("quick")
class HouseTest {
  private static final Pattern ARTIFACT =
      Pattern.compile(
          "<groupId>dev\\.architekt</groupId>\\s*<artifactId>([a-z0-9-]+)</artifactId>");
  private static final Pattern REQUIRES =
      Pattern.compile("requires\\s+(?:transitive\\s+|static\\s+)*(dev\\.architekt\\.[a-z0-9.]+);");

  /** What the data plane may use beside the JDK and itself. */
  private static final Map<String, List<String>> LIBRARIES =
      Map.of(
          "archive", List.of("com.fasterxml.jackson."),
          "hypervisor-qemu", List.of("com.fasterxml.jackson."));

  /** Anything in these makes the protocol core depend on the moment or the machine it runs on. */
  private static final List<String> IMPURE =
      List.of(
          "java.net.",
          "java.nio.channels.",
          "java.nio.file.",
          "java.util.concurrent.locks.",
          "java.util.concurrent.Executor",
          "java.util.Random",
          "java.time.Clock",
          "java.lang.Thread",
          "java.lang.Process");

  private static JavaClasses classes;

  @BeforeAll
  static void readClasses() {
    List<Path> folders = new ArrayList<>();
    for (String room : House.rooms()) {
      Path folder = House.ROOT.resolve(room).resolve("target/classes");
      if (Files.isDirectory(folder)) {
        folders.add(folder);
      }
    }
    classes = new ClassFileImporter().importPaths(folders);
    assertThat(classes.size()).as("compiled classes of the rooms").isGreaterThan(50);
  }

  @Test
  void everyRoomHasItsFloor() {
    assertThat(House.FLOORS.keySet())
        .as("a new room gets a floor in House.FLOORS, and a line in ARCHITECTURE's drawing")
        .containsAll(House.rooms());
  }

  @Test
  void pomsPointDown() {
    List<String> wrong = new ArrayList<>();
    for (String room : House.rooms()) {
      String pom = House.text(House.ROOT.resolve(room).resolve("pom.xml"));
      String dependencies = pom.substring(pom.indexOf("</parent>"));
      Matcher artifacts = ARTIFACT.matcher(dependencies);
      while (artifacts.find()) {
        arrow(wrong, room, artifacts.group(1), room + "/pom.xml");
      }
    }
    assertThat(wrong).as("dependencies in poms").isEmpty();
  }

  @Test
  void modulesPointDownAndTheDataPlaneHasOneEach() {
    List<String> wrong = new ArrayList<>();
    for (String room : House.rooms()) {
      Path info = House.ROOT.resolve(room).resolve("src/main/java/module-info.java");
      if (!Files.exists(info)) {
        if (House.DATA_PLANE.contains(room)) {
          wrong.add(room + " has no module-info.java: the data plane runs on the module path");
        }
        continue;
      }
      Matcher requires = REQUIRES.matcher(House.text(info));
      while (requires.find()) {
        arrow(wrong, room, House.roomOf(requires.group(1)), room + "'s module-info.java");
      }
    }
    assertThat(wrong).as("modules").isEmpty();
  }

  @Test
  void classesPointDown() {
    Set<String> wrong = new TreeSet<>();
    for (JavaClass type : classes) {
      String from = House.roomOf(type.getPackageName());
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        String target = dependency.getTargetClass().getBaseComponentType().getPackageName();
        if (target.startsWith("dev.architekt.")) {
          arrow(wrong, from, House.roomOf(target), dependency.getDescription());
        }
      }
    }
    assertThat(wrong).as("uses in classes").isEmpty();
  }

  private static void arrow(Collection<String> wrong, String from, String to, String at) {
    if (!House.down(from, to)) {
      wrong.add(
          "%s uses %s, which is beside or above it (%s): move what both need to a lower room, or pass it in through an interface of %s"
              .formatted(from, to, at, from));
    }
  }

  @Test
  void theDataPlaneUsesTheJdkAndLittleElse() {
    Set<String> wrong = new TreeSet<>();
    for (JavaClass type : classes) {
      String room = House.roomOf(type.getPackageName());
      if (!House.DATA_PLANE.contains(room)) {
        continue;
      }
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        String name = target.getName();
        boolean fine =
            target.isPrimitive()
                || name.startsWith("java.")
                || name.startsWith("javax.")
                || name.startsWith("dev.architekt.")
                || LIBRARIES.getOrDefault(room, List.of()).stream().anyMatch(name::startsWith);
        if (!fine) {
          wrong.add(
              "%s uses %s (%s): write the little that is needed, or put the user of the library into a room of its own above %s"
                  .formatted(room, name, type.getName(), room));
        }
      }
    }
    assertThat(wrong).as("libraries of the data plane").isEmpty();
  }

  @Test
  void onlyLinuxMakesNativeCalls() {
    Set<String> wrong = new TreeSet<>();
    for (JavaClass type : classes) {
      if (House.roomOf(type.getPackageName()).equals("linux")) {
        continue;
      }
      for (JavaAccess<?> access : type.getAccessesFromSelf()) {
        String owner = access.getTargetOwner().getName();
        String member = access.getTarget().getName();
        boolean linker =
            owner.startsWith("java.lang.foreign.Linker")
                || owner.equals("java.lang.foreign.SymbolLookup");
        boolean reinterpret =
            owner.equals("java.lang.foreign.MemorySegment") && member.equals("reinterpret");
        boolean library = member.equals("loadLibrary") || owner.equals("sun.misc.Unsafe");
        if (linker || reinterpret || library) {
          wrong.add(nativeCall(type, owner + "." + member));
        }
      }
      type.getMethods().stream()
          .filter(method -> method.getModifiers().contains(JavaModifier.NATIVE))
          .forEach(method -> wrong.add(nativeCall(type, "a native method")));
    }
    assertThat(wrong).as("native calls").isEmpty();
  }

  private static String nativeCall(JavaClass type, String what) {
    return "%s uses %s: add a small method to room linux instead, which alone has native access"
        .formatted(type.getName(), what);
  }

  @Test
  void theProtocolCoreHasNoThreadsSocketsOrClocks() {
    Set<String> wrong = new TreeSet<>();
    Predicate<String> impure = name -> IMPURE.stream().anyMatch(name::startsWith);
    for (JavaClass type : classes) {
      if (!type.getPackageName().startsWith("dev.architekt.migration.core")) {
        continue;
      }
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        String name = dependency.getTargetClass().getName();
        if (impure.test(name)) {
          wrong.add(impurity(type, name));
        }
      }
      for (JavaAccess<?> access : type.getAccessesFromSelf()) {
        String member = access.getTarget().getName();
        boolean moment =
            member.equals("nanoTime")
                || member.equals("currentTimeMillis")
                || member.equals("now")
                    && access.getTargetOwner().getName().startsWith("java.time.")
                || member.equals("randomUUID");
        if (moment) {
          wrong.add(impurity(type, access.getTargetOwner().getSimpleName() + "." + member));
        }
      }
    }
    assertThat(wrong).as("the protocol core is a pure state machine").isEmpty();
  }

  private static String impurity(JavaClass type, String what) {
    return "%s uses %s: let it come in as a message or a parameter, and go out as an effect"
        .formatted(type.getName(), what);
  }

  @Test
  void aRulesViolationIsSeen() {
    assertThat(House.down("region", "mount")).isFalse();
    assertThat(House.down("mount", "archive")).isFalse();
    assertThat(House.down("cli", "testkit")).isFalse();
    assertThat(House.down("hypervisor-qemu", "hypervisor")).isTrue();
    assertThat(House.down("node", "unknown")).isFalse();
    assertThat(House.roomOf("dev.architekt.hypervisor.qemu.qmp")).isEqualTo("hypervisor-qemu");
    assertThat(House.roomOf("dev.architekt.hypervisor")).isEqualTo("hypervisor");
  }
}
