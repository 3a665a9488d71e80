import { useQuery } from "@tanstack/react-query";
import type { Scope } from "~/api/model";
import { Chip } from "~/display/Mark";
import { tagsQuery } from "~/tags/queries";
import styles from "./Configuration.module.css";

/** What somebody sees, in words. */
export function ScopeWords({ scope, role }: { scope: Scope; role: string }) {
  const { data } = useQuery(tagsQuery);
  if (scope.everything || role === "super_user") return <>All assets</>;
  const tags = scope.tags ?? [];
  if (tags.length === 0) return <span className={styles.faint}>No assets</span>;
  return (
    <span className={styles.tags}>
      {tags.map((id) => (
        <Chip key={id}>{data?.find((tag) => tag.id === id)?.name ?? "…"}</Chip>
      ))}
    </span>
  );
}
