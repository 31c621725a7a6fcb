package dev.architekt.node.blueprint;

import java.util.List;

/**
 * Translates a systemd unit to a shell script that runs the service in the foreground, for busybox
 * init to supervise. What confines a service under systemd (private devices, system call filters)
 * has no counterpart: the machine is the confinement.
 */
final class ServiceScript {
  private final SystemdUnit unit;
  private final String arguments;
  private final String command;
  private final Accounts.Account account;
  private final StringBuilder out = new StringBuilder();

  /**
   * @param arguments appended to the command, already quoted for a shell; may be empty
   * @param command in place of the unit's, as a shell would have it, or null
   * @param account as whom it runs
   */
  ServiceScript(SystemdUnit unit, String arguments, String command, Accounts.Account account) {
    this.unit = unit;
    this.arguments = arguments;
    this.command = command;
    this.account = account;
  }

  /**
   * @throws BlueprintException when the unit has nothing to start
   */
  String text() throws BlueprintException {
    line("#!/bin/sh");
    line("# Made from " + unit.name() + ".service.");
    line(". /usr/lib/architekt/functions");
    // systemd fills in variables, and no file names.
    line("set -f");
    limits();
    folders();
    home();
    environment();
    String folder = unit.last("WorkingDirectory", "/").replaceFirst("^-", "");
    line("cd " + CommandLine.quote(folder.equals("~") ? account.home() : folder));
    for (String before : unit.all("ExecStartPre")) {
      step(CommandLine.parse(before), "");
    }
    start();
    return out.toString();
  }

  private void line(String text) {
    out.append(text).append('\n');
  }

  private void limits() {
    String files = unit.last("LimitNOFILE", "").replaceFirst(".*:", "");
    if (files.matches("\\d+")) {
      line("ulimit -n " + files);
    } else if (files.equals("infinity")) {
      line("ulimit -n 1048576");
    }
    String mask = unit.last("UMask", "");
    if (mask.matches("[0-7]+")) {
      line("umask " + mask);
    }
  }

  private void folders() {
    folder("RuntimeDirectory", "/run");
    folder("StateDirectory", "/var/lib");
    folder("CacheDirectory", "/var/cache");
    folder("LogsDirectory", "/var/log");
    folder("ConfigurationDirectory", "/etc");
  }

  private void folder(String key, String parent) {
    String mode = unit.last(key + "Mode", "0755");
    for (String values : unit.all(key)) {
      for (String value : CommandLine.split(values)) {
        String path = CommandLine.quote(parent + "/" + value);
        // A umask of the unit's must not take bits from the mode that the unit asks for.
        line("mkdir -p " + path + " && chmod " + mode + " " + path);
        if (!key.equals("ConfigurationDirectory")) {
          line("chown " + account.user() + ":" + account.group() + " " + path);
        }
      }
    }
  }

  private void environment() {
    for (String values : unit.all("Environment")) {
      for (String assignment : CommandLine.split(values)) {
        int equals = assignment.indexOf('=');
        if (equals > 0) {
          String value = assignment.substring(equals + 1).replace("'", "'\\''");
          line("export " + assignment.substring(0, equals) + "='" + value + "'");
        }
      }
    }
    for (String file : unit.all("EnvironmentFile")) {
      String path = CommandLine.quote(file.replaceFirst("^-", ""));
      String missing =
          file.startsWith("-") ? "fi" : "else echo \"missing: \"" + path + "; exit 1; fi";
      line("if [ -r " + path + " ]; then environment_file " + path + "; " + missing);
    }
  }

  /** What systemd tells a service that runs as a user of its own about that user. */
  private void home() {
    if (!account.user().equals("root")) {
      line("export HOME=" + CommandLine.quote(account.home()));
      line("export USER=" + account.user() + " LOGNAME=" + account.user() + " SHELL=/bin/sh");
    }
  }

  private void start() throws BlueprintException {
    if (unit.last("StandardOutput", "").equals("null")) {
      line("exec >/dev/null");
    }
    if (command != null) {
      line("exec " + command + (arguments.isEmpty() ? "" : " " + arguments));
      return;
    }
    List<String> starts = unit.all("ExecStart");
    if (starts.isEmpty()) {
      throw new BlueprintException(
          unit.name()
              + ".service has no ExecStart, so there is nothing to run; give an executable"
              + " /etc/architekt/services/"
              + unit.name()
              + " in an --overlay");
    }
    for (String earlier : starts.subList(0, starts.size() - 1)) {
      step(CommandLine.parse(earlier), "");
    }
    CommandLine.Parsed last = CommandLine.parse(starts.getLast());
    String more = arguments.isEmpty() ? "" : " " + arguments;
    if (unit.last("Type", "simple").equals("forking")) {
      step(last, more);
      awaitDaemon();
    } else {
      line("exec " + asUser(last) + more);
    }
  }

  /** A command that has to end before the next begins. */
  private void step(CommandLine.Parsed parsed, String more) {
    line(asUser(parsed) + more + (parsed.ignoreFailure() ? " || :" : " || exit"));
  }

  /** Stays in the foreground for as long as what a daemon left behind lives. */
  private void awaitDaemon() {
    String pidFile = unit.last("PIDFile", "");
    if (pidFile.isEmpty()) {
      line("wait_for_group");
      return;
    }
    if (!pidFile.startsWith("/")) {
      pidFile = "/run/" + pidFile;
    }
    String path = CommandLine.quote(pidFile.replaceFirst("^/var/run/", "/run/"));
    line("tries=0");
    line(
        "until [ -s "
            + path
            + " ] || [ $tries = 100 ]; do tries=$((tries + 1)); usleep 100000; done");
    // Some write no end of line, which read calls a failure.
    line("read -r pid <" + path + " || [ -n \"$pid\" ] || exit 1");
    line("while [ -d \"/proc/$pid\" ]; do sleep 1; done");
  }

  private String asUser(CommandLine.Parsed parsed) {
    if (parsed.privileged() || account.isRoot()) {
      return parsed.text();
    }
    // The pid file that never exists makes it start whatever else runs the same program.
    return "start-stop-daemon -S -q -p /run/architekt/none -c "
        + account.user()
        + ":"
        + account.group()
        + " -x "
        + parsed.words().getFirst()
        + " --"
        + (parsed.words().size() > 1
            ? " " + String.join(" ", parsed.words().subList(1, parsed.words().size()))
            : "");
  }
}
