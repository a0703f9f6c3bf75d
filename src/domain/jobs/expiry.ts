/**
 * Whether a job's lease has run out (FEATURES D38): at its very moment, and also where the moment cannot be read. The queue
 * and the projections both ask this one, so they never disagree. now: ms since 1970, the reader's clock.
 */
import { ms } from "../../core/time.ts";

export const isExpired = (leaseExpiresAt: string | null, now: number): boolean => !(now < ms(leaseExpiresAt));
