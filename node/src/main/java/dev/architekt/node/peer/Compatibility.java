package dev.architekt.node.peer;

import dev.architekt.hypervisor.Accelerator;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.node.doctor.Accelerators;
import dev.architekt.node.engine.Refused;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.Host;
import dev.architekt.node.state.InstanceSpec;
import java.io.IOException;
import java.nio.file.Files;

/**
 * Whether this host can run what another one describes. Refuses early, with what was expected and
 * what was found.
 */
final class Compatibility {
  private Compatibility() {}

  static void require(
      InstanceSpec spec, Message.Description description, Host host, PeerOptions options)
      throws IOException {
    requireAccelerator(spec, options.accelerator());
    requireRegions(spec, description, 1 + spec.disks().size());
    requireSpace(spec, host);
  }

  static void requireAccelerator(InstanceSpec spec, String requested) throws IOException {
    Accelerator here = Accelerators.choose(requested).accelerator();
    // A guest that was started without KVM may run under emulation anywhere, but not change over.
    if (!here.id().equals(spec.accelerator()) && !"tcg".equals(spec.accelerator())) {
      throw new Refused(
          Reason.INCOMPATIBLE,
          "the VM runs under "
              + spec.accelerator()
              + ", this host offers "
              + here.id()
              + "; `architekt doctor` says why");
    }
  }

  /**
   * RAM and the disks come first, with the sizes that the instance has; {@code total} regions in
   * all.
   */
  static void requireRegions(InstanceSpec spec, Message.Description description, int total)
      throws Refused {
    int own = 1 + spec.disks().size();
    if (description.regions().size() != total || total < own) {
      throw new Refused(
          Reason.INCOMPATIBLE,
          "described are " + description.regions().size() + " regions, expected " + own);
    }
    for (int i = 0; i < own; i++) {
      RegionInfo region = description.regions().get(i);
      String name = i == 0 ? DataPlane.MEMORY : spec.disks().get(i - 1).name();
      long size = i == 0 ? spec.memoryBytes() : spec.disks().get(i - 1).size();
      if (!region.name().equals(name)
          || region.pages() != (size + Bounds.PAGE_BYTES - 1) / Bounds.PAGE_BYTES) {
        throw new Refused(
            Reason.INCOMPATIBLE,
            "region "
                + i
                + " is "
                + region.name()
                + " with "
                + region.pages()
                + " pages, expected "
                + name
                + " of "
                + size
                + " bytes");
      }
    }
  }

  private static void requireSpace(InstanceSpec spec, Host host) throws IOException {
    long need = spec.memoryBytes();
    long free = Files.getFileStore(host.state().path()).getUsableSpace();
    if (free < need) {
      throw new Refused(
          Reason.STORAGE,
          "the disk below "
              + host.state()
              + " has "
              + free
              + " bytes free, the VM's RAM alone needs "
              + need
              + "; free some space or name another --cache-base-dir");
    }
  }
}
