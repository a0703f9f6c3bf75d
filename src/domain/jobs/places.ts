/** Where a job lies: the ids of its task and of its key are made from its own, so one path is one job (decisions/0060). */
import { idOfText } from "../../core/ids.ts";

export const taskIdOf = (jobId: string): string => idOfText("t", `job ${jobId}`);

export const keyIdOf = (idempotencyKey: string): string => idOfText("k", `key ${idempotencyKey}`);
