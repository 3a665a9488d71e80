import type { FormEvent, ReactNode } from "react";
import { Brand } from "~/shell/Brand";
import styles from "./Entry.module.css";

/** The frame of the pages one sees before being logged in. */
export function Entry(props: { title: string; lead: ReactNode; children: ReactNode; onSubmit?: () => void }) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    props.onSubmit?.();
  };
  return (
    <div className={styles.page}>
      <aside className={styles.side}>
        <div className={styles.brand}>
          <Brand size={30} />
          Fettle
        </div>
        <p className={styles.claim}>Every machine in good repair.</p>
        <p className={styles.small}>
          Which patches each machine misses, and a safe, accountable way to install them.
        </p>
      </aside>
      <main className={styles.main}>
        <form className={styles.form} onSubmit={submit} noValidate>
          <h1>{props.title}</h1>
          <div className={styles.lead}>{props.lead}</div>
          {props.children}
        </form>
      </main>
    </div>
  );
}
