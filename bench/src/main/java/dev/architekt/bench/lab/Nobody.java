package dev.architekt.bench.lab;

import dev.architekt.hypervisor.qemu.QmpClient;
import java.util.Map;

/** Takes no notice of QEMU's events. */
public final class Nobody implements QmpClient.Listener {
  @Override
  public void event(String name, Map<String, Object> data) {}

  @Override
  public void disconnected(String reason) {}
}
