/**
 * The shell around the protocol cores: threads, links and the machine. A core decides, the shell
 * does.
 *
 * <pre>
 *   lane threads ──received──▶ ┌────────────┐ ──Send, SendExtent──▶ lane senders (a thread a lane, in order)
 *   step threads ──done──────▶ │ CoreShell  │ ──Store──────────────▶ the lane thread that received it
 *   ticker ──────────────────▶ │  one lock  │ ──steps──────────────▶ step threads (native calls block on them)
 *                              └────────────┘
 * </pre>
 *
 * The lock is held while the core thinks and never during I/O.
 */
package dev.architekt.node.engine;
