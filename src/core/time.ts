/** Seconds since the Unix epoch, or a span of them. The unit of every time in Stepgate that has no unit in its name. */
export type Seconds = number;
