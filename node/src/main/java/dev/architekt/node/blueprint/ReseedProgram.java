package dev.architekt.node.blueprint;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * {@code /usr/lib/architekt/reseed}: makes the guest's kernel derive its random numbers from its
 * entropy pool anew, now (ioctl RNDRESEEDCRNG on /dev/urandom; random(4)). What is written to
 * /dev/urandom only goes into the pool, and shows in the numbers up to a minute later. No program
 * that every guest has makes this call, and Debian's cloud kernel has no driver for the generation
 * id of the machine, so that this is a static x86-64 program of thirteen instructions. It ends with
 * the error number, 0 when it is done.
 */
final class ReseedProgram {
  private static final long LOADED_AT = 0x400000;
  private static final int ELF_HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int READ_AND_EXECUTE = 5;

  private ReseedProgram() {}

  private static final int[] CODE = {
    0x6a,
    0x02,
    0x58, // push 2; pop rax: open
    0x48,
    0x8d,
    0x3d,
    0x1c,
    0,
    0,
    0, // lea rdi, [rip + 28]: the path behind the code
    0x6a,
    0x01,
    0x5e, // push 1; pop rsi: O_WRONLY
    0x0f,
    0x05, // syscall
    0x89,
    0xc7, // mov edi, eax: the descriptor, or no descriptor, which ioctl refuses
    0xbe,
    0x07,
    0x52,
    0,
    0, // mov esi, 0x5207: RNDRESEEDCRNG
    0x31,
    0xd2, // xor edx, edx
    0x6a,
    0x10,
    0x58, // push 16; pop rax: ioctl
    0x0f,
    0x05, // syscall
    0x89,
    0xc7, // mov edi, eax
    0xf7,
    0xdf, // neg edi: the error number, or 0
    0x6a,
    0x3c,
    0x58, // push 60; pop rax: exit
    0x0f,
    0x05 // syscall
  };

  /** The file. */
  static byte[] bytes() {
    ByteArrayOutputStream program = new ByteArrayOutputStream();
    for (int octet : CODE) {
      program.write(octet);
    }
    program.writeBytes("/dev/urandom\0".getBytes(StandardCharsets.US_ASCII));
    int size = ELF_HEADER + PROGRAM_HEADER + program.size();
    ByteBuffer file = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
    file.putShort((short) 2).putShort((short) 62).putInt(1); // an x86-64 program
    file.putLong(LOADED_AT + ELF_HEADER + PROGRAM_HEADER).putLong(ELF_HEADER).putLong(0);
    file.putInt(0)
        .putShort((short) ELF_HEADER)
        .putShort((short) PROGRAM_HEADER)
        .putShort((short) 1);
    file.position(ELF_HEADER);
    file.putInt(1).putInt(READ_AND_EXECUTE).putLong(0); // the whole file, loaded
    file.putLong(LOADED_AT).putLong(LOADED_AT).putLong(size).putLong(size).putLong(4096);
    file.put(program.toByteArray());
    return file.array();
  }
}
