/**
 * What this host has and lacks: {@link dev.architekt.node.doctor.Doctor} looks at everything that
 * the roles need and says what to do about what is missing; {@link
 * dev.architekt.node.doctor.Accelerators} decides how guests are run.
 *
 * <p>Everything is tried and not guessed where trying is harmless: a FUSE file is mounted and read,
 * a namespace is made and removed. Nothing stays behind. All of it sees the host through {@link
 * dev.architekt.node.doctor.Host}, so that tests can show it any other.
 */
package dev.architekt.node.doctor;
