/** Version of the events and frames. A change of any schema changes the fingerprint, and the fingerprint test asks for a new number here. */
export const PROTOCOL_VERSION = 1;
