/**
 * The two sides of a migration as pure state machines: events in, effects out. No sockets, threads,
 * clocks, files; a moment comes with each event. The engine and the simulation drive the same
 * classes, and every promise below is checked by the simulation.
 *
 * <p>{@link dev.architekt.migration.core.SourceCore}:
 *
 * <pre>
 *              Begin                decided              all sent, grant durable
 *   RUNNING ──────────▶ COPYING ──────────────▶ SWITCHING ──────────────▶ GRANTED ──Accepted──▶ SERVING
 *      ▲                   │ ▲                      │                        │                     │
 *      │            stop,  │ │ undone,              │ link lost,             │ Declined            │ Complete
 *      │          time-out │ │ session goes on      │ step failed            ▼                     ▼
 *      │                   ▼ │                      │                     REVOKING            RELEASING
 *      └────────────── ROLLING_BACK ◀───────────────┴────────────────────────┘                     │
 *                                                              (epoch e+2 durable)                 ▼
 *                                                                                             RELEASED
 * </pre>
 *
 * <p>GRANTED without a link is shown as GRANTED_DELIVERY_UNKNOWN: nobody runs the instance, and
 * only the destination's answer changes that. LOST: the machine is gone while this host had the
 * authority. RESTORING, instead: the machine is gone and has not run since its state was kept, so
 * that the shell makes another, paused one of it and recovers from a journal that says switching.
 *
 * <p>{@link dev.architekt.migration.core.DestinationCore}:
 *
 * <pre>
 *   CONNECTING ─▶ PREPARING ─▶ RECEIVING ──State──▶ LOADING ──loaded, Grant──▶ ACCEPTING
 *                     │          ▲    │                │                            │ durable
 *                     │          │    │ switch-over    │                            ▼
 *                     │          └────┴── RESETTING ◀──┤ undone                 RESUMING
 *                     │                                │                            │ cont
 *                     │ cannot go on                   │ cannot load                ▼
 *                     └──────────▶ STOPPING ◀──────────┘                        FETCHING
 *                                   │    │ Grant                                    │ all home, durable
 *                     source agrees │    ▼                                          ▼
 *                                   │  DECLINING ─▶ DECLINED                   COMPLETING
 *                                   ▼        durable │ Withdrawn                    │ Released
 *                               WINDING_UP ◀─────────┘                              ▼
 *                                   │                                           SETTLING ─▶ HOME
 *                                   ▼
 *                                 ENDED
 * </pre>
 *
 * <p>Three rules carry the rest. <em>Durable, then said, then done</em>: a grant is durable before
 * it is sent, an acceptance before the guest runs, a decline before the source hears of it.
 * <em>What is on a link dies with it</em>: both sides start again from what each has durably or in
 * memory, and say so in Resume and Continue. <em>Undo by looking, not by remembering</em>: the
 * phases are lists of steps that are needed; each event runs through the list again, and what is
 * done is skipped ({@link dev.architekt.migration.core.Steps}).
 *
 * <p>Each core is put together from the same parts, {@code Source…} and {@code Destination…}:
 *
 * <pre>
 *   Event ──▶ Events ────▶ Links, Messages          what came is noted
 *                │                │
 *                ▼                ▼
 *              Side ◀────────── Ending              what this side knows; the ways out of a session
 *                ▲
 *                │
 *             Phases ──▶ Steps, Sending ──▶ Effect  what is to be done next, one line a step
 * </pre>
 *
 * <p>The phases are to be read first. Only the source has Sending; the destination has Address and
 * PauseClock.
 *
 * <p>Crash recovery is {@code recover}: from the durable {@link
 * dev.architekt.migration.core.Authority}, the {@link dev.architekt.migration.core.JournalEntry}
 * and the machine that was found, to the phase to go on in.
 *
 * <table>
 *   <caption>Source</caption>
 *   <tr><th>authority</th><th>journal</th><th>machine</th><th>goes on in</th></tr>
 *   <tr><td>Running</td><td>nothing</td><td>any but gone</td><td>RUNNING</td></tr>
 *   <tr><td>Running</td><td>switching</td><td>running or paused</td><td>ROLLING_BACK</td></tr>
 *   <tr><td>Running</td><td>restoring</td><td>any</td><td>RESTORING</td></tr>
 *   <tr><td>Running</td><td>anything else</td><td>gone</td><td>LOST</td></tr>
 *   <tr><td>Granted</td><td>any</td><td>any</td><td>GRANTED, with the state and the missing pages
 *       that were kept; served from the copies when the machine is gone</td></tr>
 *   <tr><td>Released</td><td>any</td><td>any</td><td>RELEASING</td></tr>
 * </table>
 *
 * <table>
 *   <caption>Destination</caption>
 *   <tr><th>authority</th><th>journal</th><th>machine</th><th>goes on in</th></tr>
 *   <tr><td>Accepted</td><td>any</td><td>running or paused</td><td>RESUMING</td></tr>
 *   <tr><td>Accepted</td><td>any</td><td>gone</td><td>LOST</td></tr>
 *   <tr><td>Running</td><td>receiving</td><td>any</td><td>SETTLING</td></tr>
 *   <tr><td>Declined, this session</td><td>receiving</td><td>any</td><td>DECLINED</td></tr>
 *   <tr><td>anything else</td><td>receiving</td><td>any</td><td>STOPPING</td></tr>
 *   <tr><td>anything else</td><td>nothing</td><td>any</td><td>ENDED</td></tr>
 * </table>
 *
 * <p>Deliberately absent: how bytes are encoded, how a link is dialled, how a hypervisor is called,
 * and any lock: one thread at a time calls a core.
 */
package dev.architekt.migration.core;
