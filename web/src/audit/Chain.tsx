import { Button } from "@mantine/core";
import { IconLinkOff, IconShieldCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { api, body } from "~/api/client";
import { count, plural } from "~/display/number";
import styles from "./Audit.module.css";

/** Whether the log is as it was written: every entry's hash covers the one before. */
export function Chain() {
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["audit-chain"],
    queryFn: ({ signal }) => body(api.GET("/api/v1/audit/verify", { signal })),
    // The whole log is read for it.
    staleTime: 5 * 60_000,
    refetchOnWindowFocus: false,
  });
  return (
    <div className={styles.chain} role="status" aria-label="Chain of hashes">
      {data?.whole ? (
        <span className={styles.whole} title="Every entry is as it was written, and none is missing">
          <IconShieldCheck size={15} stroke={1.8} aria-hidden />
          Chain verified, {plural(data.entries, "entry", "entries")}
        </span>
      ) : null}
      {data?.whole === false ? (
        <span className={styles.broken}>
          <IconLinkOff size={15} stroke={1.8} aria-hidden />
          Chain broken at entry {count(data.broken_at ?? data.entries + 1)}: it is missing or was changed
        </span>
      ) : null}
      {error && !data ? <span className={styles.broken}>The chain could not be verified</span> : null}
      <Button
        variant="subtle"
        color="gray"
        size="compact-xs"
        loading={isFetching}
        onClick={() => void refetch()}
      >
        {data || error ? "Verify again" : "Verifying"}
      </Button>
    </div>
  );
}
