package dev.architekt.node.blueprint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks as people have them: what is taken out, and what is said when there is nothing. */
class ImageBlueprintTest {
  private static final int MIB = 1 << 20;
  private static final int DISK_MIB = 24;

  @TempDir Path folder;

  @BeforeEach
  void toolsAreHere() {
    for (String tool : List.of("/usr/bin/qemu-img", "/usr/sbin/debugfs", "/usr/sbin/mke2fs")) {
      assumeTrue(Files.isExecutable(Path.of(tool)), tool + " is missing here");
    }
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private static byte[] kernel(String text) {
    byte[] kernel = new byte[1024];
    System.arraycopy("HdrS".getBytes(StandardCharsets.US_ASCII), 0, kernel, 0x202, 4);
    System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, kernel, 0, text.length());
    return kernel;
  }

  private Path system() throws IOException {
    Path root = folder.resolve("root");
    Files.createDirectories(root.resolve("boot"));
    Files.createDirectories(root.resolve("etc"));
    Files.writeString(root.resolve("etc/fstab"), "");
    Files.write(root.resolve("boot/vmlinuz-6.1.0-9-amd64"), kernel("old"));
    Files.writeString(root.resolve("boot/initrd.img-6.1.0-9-amd64"), "old initramfs");
    Files.write(root.resolve("boot/vmlinuz-6.1.0-31-amd64"), kernel("new"));
    Files.writeString(root.resolve("boot/initrd.img-6.1.0-31-amd64"), "new initramfs");
    Files.write(root.resolve("boot/vmlinuz-6.12.0-amd64"), kernel("without an initramfs"));
    return root;
  }

  /** A file system of the folder, {@code atMib} into a disk. */
  private Path disk(Path root, int atMib) throws Exception {
    Path disk = folder.resolve("disk.raw");
    try (var file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.setLength((long) DISK_MIB * MIB);
    }
    run(
        "/usr/sbin/mke2fs",
        "-q",
        "-t",
        "ext4",
        "-d",
        root.toString(),
        "-E",
        "offset=" + (long) atMib * MIB,
        disk.toString(),
        (DISK_MIB - atMib - 1) + "M");
    return disk;
  }

  private static void write(Path disk, long offset, ByteBuffer bytes) throws IOException {
    try (var file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.seek(offset);
      file.write(bytes.array());
    }
  }

  private static void mbr(Path disk, int type, int atMib) throws IOException {
    ByteBuffer sector = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
    sector.put(446 + 4, (byte) type);
    sector.putInt(446 + 8, atMib * (MIB / 512)).putInt(446 + 12, (DISK_MIB - atMib) * (MIB / 512));
    sector.putShort(510, (short) 0xaa55);
    write(disk, 0, sector);
  }

  private static void gpt(Path disk, int entries, int atMib) throws IOException {
    mbr(disk, 0xee, 0);
    ByteBuffer header = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
    header.put("EFI PART".getBytes(StandardCharsets.US_ASCII));
    header.putLong(72, 2).putInt(80, entries).putInt(84, 128);
    write(disk, 512, header);
    ByteBuffer second = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
    second.putLong(0, 1).putLong(32, atMib * (MIB / 512));
    second.putLong(40, (long) DISK_MIB * (MIB / 512) - 1);
    write(disk, 1024 + 128, second);
  }

  private Blueprint build(Path image) throws Exception {
    return Blueprint.build(
        new Blueprint.ImageOptions(image, 512, 2, folder.resolve("out"), false), line -> {});
  }

  private static void requireNewest(Blueprint built) throws IOException {
    assertThat(built.manifest().kernelRelease()).isEqualTo("6.1.0-31-amd64");
    assertThat(Files.readAllBytes(built.kernel())).isEqualTo(kernel("new"));
    assertThat(built.initramfs()).hasContent("new initramfs");
    assertThat(built.manifest().commandLine()).containsPattern("root=UUID=[0-9a-f-]{36}$");
    assertThat(built.manifest().memoryMiB()).isEqualTo(512);
    assertThat(built.manifest().cpus()).isEqualTo(2);
  }

  @Test
  void theNewestKernelWithAnInitramfsComesOutOfAGpt() throws Exception {
    Path disk = disk(system(), 2);
    gpt(disk, 128, 2);
    Blueprint built = build(disk);
    requireNewest(built);
    assertThat(Files.mismatch(built.disk(), disk)).isEqualTo(-1);
  }

  @Test
  void andOutOfAnMbrInAQcow2() throws Exception {
    Path disk = disk(system(), 1);
    mbr(disk, 0x83, 1);
    Path qcow2 = folder.resolve("disk.qcow2");
    run("qemu-img", "convert", "-O", "qcow2", disk.toString(), qcow2.toString());
    requireNewest(build(qcow2));
  }

  @Test
  void andOutOfADiskWithoutPartitions() throws Exception {
    requireNewest(build(disk(system(), 0)));
  }

  @Test
  void aDiskWithoutAKernelSaysWhatWasLookedAt() throws Exception {
    Path root = Files.createDirectories(folder.resolve("data"));
    Path disk = disk(root, 1);
    mbr(disk, 0x83, 1);
    assertThatThrownBy(() -> build(disk))
        .isInstanceOf(BlueprintException.class)
        .hasMessageContaining("holds no kernel")
        .hasMessageContaining("partition 1 (23 MiB): no kernel with an initramfs");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aKernelForAnotherProcessorIsRefused() throws Exception {
    Path root = system();
    Files.write(root.resolve("boot/vmlinuz-6.1.0-31-amd64"), new byte[2048]);
    Path disk = disk(root, 0);
    assertThatThrownBy(() -> build(disk)).hasMessageContaining("no kernel for amd64");
  }

  @Test
  void damagedTablesAndOtherFormatsAreRefused() throws Exception {
    Path disk = disk(system(), 2);
    gpt(disk, 1 << 30, 2);
    assertThatThrownBy(() -> build(disk)).hasMessageContaining("entries of 128 bytes");
    mbr(disk, 0xee, 0);
    write(disk, 512, ByteBuffer.allocate(512));
    assertThatThrownBy(() -> build(disk)).hasMessageContaining("announces a GPT");
    Path vdi = folder.resolve("disk.vdi");
    run("qemu-img", "convert", "-O", "vdi", disk.toString(), vdi.toString());
    assertThatThrownBy(() -> build(vdi)).hasMessageContaining("expected raw or qcow2");
    Path difference = folder.resolve("difference.qcow2");
    run(
        "qemu-img",
        "create",
        "-q",
        "-f",
        "qcow2",
        "-b",
        disk.toString(),
        "-F",
        "raw",
        difference.toString());
    assertThatThrownBy(() -> build(difference)).hasMessageContaining("difference to another");
  }

  @Test
  void versionsCompareByTheirNumbers() {
    assertThat(ImageBlueprint.comparable("6.1.0-31"))
        .isGreaterThan(ImageBlueprint.comparable("6.1.0-9"))
        .isLessThan(ImageBlueprint.comparable("6.12.0-1"));
  }
}
