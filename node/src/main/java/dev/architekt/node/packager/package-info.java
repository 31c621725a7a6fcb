/** From a blueprint to a package: boot, liveness, suspension, one file. */
package dev.architekt.node.packager;
