package dev.architekt.network;

import dev.architekt.linux.ProcessIdentity;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is written down about a claimed namespace, enough to adopt or remove it.
 *
 * @param id unique for all time; also in the names of the claim's nftables tables
 * @param prefix of the namespace's name
 * @param index its number
 * @param bootId of the boot in which it was made; another one means that nothing of it exists
 * @param nodeNamespace inode number of the network namespace in which the node runs
 * @param owner the node process
 * @param vm the hypervisor process, once there is one
 * @param uplink the interface whose settings the claim relies on
 * @param outer the instance's stable address, from before it is first set up
 */
public record ClaimRecord(
    String id,
    String prefix,
    int index,
    String bootId,
    long nodeNamespace,
    ProcessIdentity owner,
    Optional<ProcessIdentity> vm,
    Optional<String> uplink,
    Optional<InstanceAddress> outer) {
  private static final String FORMAT = "architekt-claim-1";

  public ClaimRecord {
    // These become names of files, interfaces and tables: nothing else may get in from a file.
    require(prefix.matches("[a-z][a-z0-9]{0,5}"), "prefix", prefix);
    require(index >= 0 && index <= 65_535, "index", index);
    require(id.matches(prefix + index + "_[0-9a-f]{8}"), "id", id);
    require(bootId.matches("[0-9a-f-]{1,64}"), "boot id", bootId);
    require(uplink.isEmpty() || uplink.get().matches("[A-Za-z0-9_.:@-]{1,15}"), "uplink", uplink);
  }

  /** The namespace's name under {@code ip netns}. */
  public String namespace() {
    return prefix + index;
  }

  /** The veth end in the node's namespace. */
  String nodeVeth() {
    return namespace() + "-veth1";
  }

  /** The veth end in the VM's namespace. */
  String namespaceVeth() {
    return namespace() + "-veth0";
  }

  /** The nftables table in the node's namespace. */
  String nodeTable() {
    return "architekt_" + id;
  }

  ClaimRecord withOwner(ProcessIdentity newOwner) {
    return new ClaimRecord(id, prefix, index, bootId, nodeNamespace, newOwner, vm, uplink, outer);
  }

  ClaimRecord withVm(Optional<ProcessIdentity> newVm) {
    return new ClaimRecord(id, prefix, index, bootId, nodeNamespace, owner, newVm, uplink, outer);
  }

  ClaimRecord withOuter(Optional<String> newUplink, Optional<InstanceAddress> newOuter) {
    return new ClaimRecord(
        id, prefix, index, bootId, nodeNamespace, owner, vm, newUplink, newOuter);
  }

  /** Lines of {@code key=value}, readable by people. */
  String text() {
    Map<String, String> fields = new TreeMap<>();
    fields.put("format", FORMAT);
    fields.put("id", id);
    fields.put("prefix", prefix);
    fields.put("index", Integer.toString(index));
    fields.put("bootId", bootId);
    fields.put("nodeNamespace", Long.toString(nodeNamespace));
    fields.put("owner", owner.pid() + " " + owner.startTicks());
    vm.ifPresent(v -> fields.put("vm", v.pid() + " " + v.startTicks()));
    uplink.ifPresent(u -> fields.put("uplink", u));
    outer.ifPresent(o -> fields.put("outer", o.toString()));
    StringBuilder text = new StringBuilder();
    fields.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    return text.toString();
  }

  /**
   * @throws IllegalArgumentException when the text is no record of this format
   */
  static ClaimRecord parse(String text) {
    Map<String, String> fields = new TreeMap<>();
    text.lines()
        .forEach(line -> {
          int equals = line.indexOf('=');
          require(equals > 0, "line", line);
          fields.put(line.substring(0, equals), line.substring(equals + 1));
        });
    require(FORMAT.equals(fields.get("format")), "format", fields.get("format"));
    return new ClaimRecord(
        field(fields, "id"),
        field(fields, "prefix"),
        Integer.parseInt(field(fields, "index")),
        field(fields, "bootId"),
        Long.parseLong(field(fields, "nodeNamespace")),
        process(field(fields, "owner"), field(fields, "bootId")),
        Optional.ofNullable(fields.get("vm")).map(vm -> process(vm, fields.get("bootId"))),
        Optional.ofNullable(fields.get("uplink")),
        Optional.ofNullable(fields.get("outer")).map(InstanceAddress::parse));
  }

  private static String field(Map<String, String> fields, String name) {
    String value = fields.get(name);
    require(value != null, name, "nothing");
    return value;
  }

  private static ProcessIdentity process(String text, String bootId) {
    String[] parts = text.split(" ");
    require(parts.length == 2, "process", text);
    return new ProcessIdentity(Long.parseLong(parts[0]), Long.parseLong(parts[1]), bootId);
  }

  private static void require(boolean holds, String what, Object found) {
    if (!holds) {
      throw new IllegalArgumentException("claim record: " + what + " '" + found + "'");
    }
  }
}
