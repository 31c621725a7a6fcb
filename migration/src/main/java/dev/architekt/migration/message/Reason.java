package dev.architekt.migration.message;

/** Why a side said no or stopped; a text for people always stands beside it. */
public enum Reason {
  /** A person or a program asked for it. */
  CANCELLED,
  /** CPU, machine type, version or sizes do not fit. */
  INCOMPATIBLE,
  /** Another destination is already taking this instance. */
  BUSY,
  /** The source itself still fetches chunks from the host before it. */
  NOT_COMPLETE,
  /** This side does not have, or no longer has, the authority that the request needs. */
  NOT_AUTHORIZED,
  /** This side does not know the session, for example because it was started again. */
  UNKNOWN_SESSION,
  /** The grant is durable; what follows is not cancelled any more. */
  ALREADY_GRANTED,
  /** A call to the hypervisor failed. */
  HYPERVISOR,
  /** A disk failed or is full. */
  STORAGE,
  /** The reachability of the instance could not be moved. */
  NETWORK,
  /** The device state could not be loaded. */
  LOAD_FAILED,
  /** The other side broke the protocol. */
  PROTOCOL,
  /** The link stayed away for too long. */
  LINK_LOST,
  /** This process was started again and lost what it had prepared. */
  RESTARTED
}
