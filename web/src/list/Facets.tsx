import { IconCheck } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { count } from "~/display/number";
import styles from "./Facets.module.css";

/** One value rows may have, and how many have it, where that is counted. */
export type FacetOption = { value: string; label: string; count?: number };

/** A property rows can be narrowed by. */
export type FacetGroup = {
  id: string;
  title: string;
  /** Unknown until the server has counted. */
  options: FacetOption[] | undefined;
  chosen: readonly string[];
  /** Only one value at a time. */
  single?: boolean;
};

/** The value that was chosen or released, of what the reader made of a group. */
export function pickedOf(group: FacetGroup, values: readonly string[]): string | undefined {
  return (
    values.find((value) => !group.chosen.includes(value)) ??
    group.chosen.find((value) => !values.includes(value))
  );
}

/** Values shown before "more". */
const FEW = 8;

/** What the list can be narrowed by, with counts. Choosing writes into the address. */
export function Facets({
  groups,
  onChange,
  children,
}: {
  /** Unknown until the server has said what there is. */
  groups: FacetGroup[] | undefined;
  onChange: (group: string, values: string[]) => void;
  /** Stands above the groups. */
  children?: ReactNode;
}) {
  return (
    <nav className={styles.facets} aria-label="Filters">
      {children}
      {groups?.map((group) => (
        <Group key={group.id} group={group} onChange={(values) => onChange(group.id, values)} />
      ))}
      {groups === undefined ? <Waiting /> : null}
    </nav>
  );
}

function Group({ group, onChange }: { group: FacetGroup; onChange: (values: string[]) => void }) {
  const [all, setAll] = useState(false);
  const { options, chosen, single } = group;
  const title = `facet-${group.id}`;
  const ordered = options?.toSorted(
    (a, b) => Number(chosen.includes(b.value)) - Number(chosen.includes(a.value)),
  );
  const shown = all ? ordered : ordered?.slice(0, Math.max(FEW, chosen.length));
  const rest = (ordered?.length ?? 0) - (shown?.length ?? 0);
  const pick = (value: string) => {
    const on = chosen.includes(value);
    if (single) onChange(on ? [] : [value]);
    else onChange(on ? chosen.filter((each) => each !== value) : [...chosen, value]);
  };
  return (
    <section className={styles.group} aria-labelledby={title}>
      <h2 id={title} className={styles.title}>
        {group.title}
      </h2>
      {shown === undefined ? <Bones /> : null}
      {shown?.length === 0 ? <p className={styles.none}>None</p> : null}
      <ul className={styles.options}>
        {shown?.map((option) => {
          const on = chosen.includes(option.value);
          return (
            <li key={option.value}>
              <button
                type="button"
                className={styles.option}
                aria-pressed={on}
                data-zero={option.count === 0 || undefined}
                onClick={() => pick(option.value)}
              >
                <span className={styles.box} data-single={single || undefined} aria-hidden>
                  {on ? <IconCheck size={11} stroke={3} /> : null}
                </span>
                <span className={styles.label} title={option.label}>
                  {option.label}
                </span>
                {option.count === undefined ? null : (
                  <span className={styles.count}>{count(option.count)}</span>
                )}
              </button>
            </li>
          );
        })}
      </ul>
      {rest > 0 || (all && (ordered?.length ?? 0) > FEW) ? (
        <button type="button" className={styles.more} onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? "Show fewer" : `Show ${rest} more`}
        </button>
      ) : null}
    </section>
  );
}

/** Holds the place of groups nobody knows yet. */
function Waiting() {
  return (
    <>
      {["40%", "55%", "35%"].map((width) => (
        <div key={width} className={styles.group} aria-hidden>
          <div className={styles.bone}>
            <span style={{ width }} />
          </div>
          <Bones />
        </div>
      ))}
    </>
  );
}

function Bones() {
  return (
    <div aria-hidden>
      {["70%", "50%", "62%"].map((width) => (
        <div key={width} className={styles.bone}>
          <span style={{ width }} />
        </div>
      ))}
    </div>
  );
}
