import { Skeleton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import styles from "./Page.module.css";

/** A page about one thing: the way here, its name, its marks, what can be done with it. */
export function Page(props: {
  crumbs: {
    label: string;
    to: LinkProps["to"];
    params?: LinkProps["params"];
    search?: LinkProps["search"];
  }[];
  title: ReactNode;
  marks?: ReactNode;
  actions?: ReactNode;
  tabs?: ReactNode;
  /** The body fills the page and scrolls in itself. */
  fill?: boolean;
  children: ReactNode;
}) {
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <div className={styles.top}>
          <div className={styles.naming}>
            {props.crumbs.length ? (
              <nav aria-label="Breadcrumb" className={styles.crumbs}>
                {props.crumbs.map((crumb) => (
                  <span key={crumb.label}>
                    <Link to={crumb.to} params={crumb.params as never} search={crumb.search as never}>
                      {crumb.label}
                    </Link>
                    <IconChevronRight size={13} stroke={2} aria-hidden />
                  </span>
                ))}
              </nav>
            ) : null}
            <div className={styles.title}>
              <h1>{props.title}</h1>
              {props.marks}
            </div>
          </div>
          <div className={styles.actions}>{props.actions}</div>
        </div>
        {props.tabs}
      </header>
      <div className={props.fill ? styles.fill : styles.body}>{props.children}</div>
    </div>
  );
}

/** Parts of a page, as links: each has an address of its own. */
export function Tabs({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav className={styles.tabs} aria-label={label}>
      {children}
    </nav>
  );
}

/** A bordered part of a page with a heading. */
export function Card({
  title,
  aside,
  children,
  flush,
}: {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  flush?: boolean;
}) {
  return (
    <section className={styles.card}>
      {title ? (
        <header className={styles.cardHead}>
          <h2>{title}</h2>
          {aside}
        </header>
      ) : null}
      <div className={flush ? undefined : styles.cardBody}>{children}</div>
    </section>
  );
}

/** Terms and their values. Those without a value are left out. */
export function Facts({ facts }: { facts: [term: string, value: ReactNode][] }) {
  return (
    <dl className={styles.facts}>
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false)
        .map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Holds the place of a page about one thing while it is fetched. */
export function PageBones({ crumbs }: { crumbs: { label: string; to: LinkProps["to"] }[] }) {
  return (
    <Page
      crumbs={crumbs}
      title={<Skeleton height={22} width={240} my={4} component="span" style={{ display: "inline-block" }} />}
    >
      <div className={styles.columns} aria-busy>
        {[260, 200, 180].map((height) => (
          <Skeleton key={height} height={height} radius={8} />
        ))}
      </div>
    </Page>
  );
}

/** The grid parts of a page stand in. */
export function Columns({ children, wide }: { children: ReactNode; wide?: boolean }) {
  return <div className={wide ? styles.wide : styles.columns}>{children}</div>;
}
