import type { Schedule } from "~/api/model";
import { exact } from "./time";
import { When } from "./When";

/** When a job runs, in words. */
export function ScheduleWords({ schedule, both = false }: { schedule: Schedule | null; both?: boolean }) {
  if (!schedule) return <span style={{ color: "var(--text-faint)" }}>Not chosen</span>;
  if (schedule.type === "on_demand") return <>On demand</>;
  if (both) return <>Once, {exact(new Date(schedule.at))}</>;
  return (
    <>
      Once, <When at={schedule.at} />
    </>
  );
}
