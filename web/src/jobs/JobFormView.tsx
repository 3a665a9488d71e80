import {
  Button,
  NumberInput,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  Textarea,
  TextInput,
} from "@mantine/core";
import { IconCircleCheck, IconCircleDashed } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { asProblem, byField } from "~/api/problem";
import { Confirm } from "~/display/Confirm";
import { plural } from "~/display/number";
import { Card } from "~/display/Page";
import { Refusal } from "~/display/states";
import { useMay } from "~/entry/session";
import { TagPicker } from "~/tags/TagPicker";
import { AssetPicker } from "./AssetPicker";
import { bodyOf, type JobForm, lacking, scheduleOf } from "./form";
import styles from "./Jobs.module.css";
import { PatchList } from "./PatchList";

/** Longest window, in minutes. */
const MOST_WINDOW = 168 * 60;

/** The form a job is made and changed with. `save` gets whether the job is to be reviewed and enabled next. */
export function JobFormView({
  start,
  save,
}: {
  start: JobForm;
  save: (form: JobForm, review: boolean) => Promise<void>;
}) {
  const may = useMay();
  const [form, setForm] = useState(start);
  const [tried, setTried] = useState(false);
  const change = (patch: Partial<JobForm>) => setForm((before) => ({ ...before, ...patch }));
  const leaving = useRef(false);
  const saving = useMutation({
    mutationFn: async (review: boolean) => {
      leaving.current = true;
      try {
        await save(form, review);
      } catch (error) {
        leaving.current = false;
        throw error;
      }
    },
  });
  const blocker = useBlocker({
    shouldBlockFn: () => form !== start && !leaving.current,
    enableBeforeUnload: () => form !== start && !leaving.current,
    withResolver: true,
  });
  const refused = saving.error ? byField(asProblem(saving.error)) : {};
  const submit = (review: boolean) => {
    setTried(true);
    if (form.name.trim() && !badDate(form)) saving.mutate(review);
  };
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit(false);
      }}
    >
      <div className={styles.stack}>
        <Basics
          form={form}
          change={change}
          nameError={refused.name ?? (tried && !form.name.trim() ? "Give the job a name." : undefined)}
        />
        <Card title="Patches" flush>
          <PatchList kind={form.kind} patches={form.patches} onChange={(patches) => change({ patches })} />
        </Card>
        <Targets form={form} change={change} />
        <Timing form={form} change={change} dateError={tried ? badDate(form) : undefined} />
      </div>
      <Confirm
        opened={blocker.status === "blocked"}
        onClose={() => blocker.reset?.()}
        title="Leave without saving?"
        action="Leave"
        danger
        onConfirm={() => blocker.proceed?.()}
      >
        What you changed in this job is not saved.
      </Confirm>
      <aside className={styles.side}>
        <Card title="Ready?">
          <Readiness form={form} />
          <Stack gap="xs">
            <Refusal error={saving.error} />
            <div className={styles.buttons}>
              {may("job.enable") ? (
                <Button
                  onClick={() => submit(true)}
                  disabled={lacking(form).length > 0}
                  loading={saving.isPending && saving.variables === true}
                >
                  Save and review
                </Button>
              ) : null}
              <Button
                type="submit"
                variant="default"
                loading={saving.isPending && saving.variables === false}
              >
                Save
              </Button>
            </div>
          </Stack>
          <p className={styles.hint}>
            The review shows every asset and patch, and who is left out and why. Nothing starts before you
            enable the job there.
          </p>
        </Card>
      </aside>
    </form>
  );
}

type Part = { form: JobForm; change: (patch: Partial<JobForm>) => void };

function badDate(form: JobForm): string | undefined {
  return form.when === "once" && !scheduleOf(form) ? "Choose date and time." : undefined;
}

function Basics({ form, change, nameError }: Part & { nameError?: string }) {
  return (
    <Card title="Basics">
      <Stack gap="md">
        <TextInput
          label="Name"
          required
          maxLength={200}
          value={form.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
          error={nameError}
        />
        <Textarea
          label="Description"
          autosize
          minRows={2}
          maxRows={8}
          value={form.description}
          onChange={(event) => change({ description: event.currentTarget.value })}
        />
        <div>
          <SegmentedControl
            aria-label="Kind"
            data={[
              { value: "install", label: "Install patches" },
              { value: "uninstall", label: "Roll patches back" },
            ]}
            value={form.kind}
            onChange={(kind) =>
              change({ kind: kind as JobForm["kind"], patches: kind === form.kind ? form.patches : [] })
            }
          />
          {form.patches.length && form.kind === "install" ? (
            <p className={styles.hint}>Changing the kind drops the chosen patches.</p>
          ) : null}
        </div>
      </Stack>
    </Card>
  );
}

const MATCHES = [
  { value: "any", label: "any of them" },
  { value: "all", label: "all of them" },
];

function Targets({ form, change }: Part) {
  return (
    <Card title="Assets">
      <Stack gap="md">
        <div className={styles.match}>
          <TagPicker
            label="With tags"
            description="Resolved when the job runs, so machines tagged later are included"
            value={form.includeTags}
            onChange={(includeTags) => change({ includeTags })}
          />
          <Match
            label="With tags, match"
            value={form.includeMatch}
            onChange={(includeMatch) => change({ includeMatch })}
          />
        </div>
        <div className={styles.match}>
          <TagPicker
            label="But not with tags"
            value={form.excludeTags}
            onChange={(excludeTags) => change({ excludeTags })}
          />
          <Match
            label="Without tags, match"
            value={form.excludeMatch}
            onChange={(excludeMatch) => change({ excludeMatch })}
          />
        </div>
        <AssetPicker
          label="Also these, by name"
          description="Included even when a tag above excludes them"
          value={form.includeAssets}
          onChange={(includeAssets) => change({ includeAssets })}
        />
        <AssetPicker
          label="Never these, by name"
          value={form.excludeAssets}
          onChange={(excludeAssets) => change({ excludeAssets })}
        />
      </Stack>
    </Card>
  );
}

function Match(props: { label: string; value: "any" | "all"; onChange: (value: "any" | "all") => void }) {
  return (
    <Select
      aria-label={props.label}
      w={136}
      data={MATCHES}
      value={props.value}
      allowDeselect={false}
      onChange={(value) => props.onChange(value === "all" ? "all" : "any")}
    />
  );
}

function Timing({ form, change, dateError }: Part & { dateError?: string }) {
  return (
    <Card title="When and how">
      <Stack gap="md">
        <SegmentedControl
          aria-label="Schedule"
          style={{ alignSelf: "flex-start" }}
          data={[
            { value: "on_demand", label: "When enabled" },
            { value: "once", label: "At one time" },
            { value: "later", label: "Decide later" },
          ]}
          value={form.when}
          onChange={(when) => change({ when: when as JobForm["when"] })}
        />
        {form.when === "once" ? (
          <TextInput
            type="datetime-local"
            label="Date and time"
            description={`In your time zone, ${Intl.DateTimeFormat().resolvedOptions().timeZone}. Enabling it later than that runs it at once.`}
            w={280}
            value={form.at}
            onChange={(event) => change({ at: event.currentTarget.value })}
            error={dateError}
          />
        ) : null}
        <NumberInput
          label="Window, in minutes"
          description="An asset that has not begun by then is left as it is. Empty: none"
          w={280}
          min={1}
          max={MOST_WINDOW}
          allowDecimal={false}
          value={form.windowMinutes ?? ""}
          onChange={(value) => change({ windowMinutes: typeof value === "number" ? value : null })}
        />
        <Switch
          label="Go on with the next patch after a failed one"
          checked={form.continueOnFailure}
          onChange={(event) => change({ continueOnFailure: event.currentTarget.checked })}
        />
      </Stack>
    </Card>
  );
}

function Readiness({ form }: { form: JobForm }) {
  const missing = lacking(form);
  const body = bodyOf(form);
  const tags = form.includeTags.length;
  const names = form.includeAssets.length;
  const targets = [tags ? plural(tags, "tag") : "", names ? `${plural(names, "asset")} by name` : ""]
    .filter(Boolean)
    .join(" and ");
  const steps = [
    {
      done: !missing.includes("patches"),
      words: body.patches?.length ? plural(body.patches.length, "patch", "patches") : "Choose patches",
    },
    { done: !missing.includes("assets"), words: targets || "Choose assets or tags" },
    {
      done: !missing.includes("schedule"),
      words:
        form.when === "on_demand"
          ? "Starts when enabled"
          : scheduleOf(form)
            ? "Starts at its time"
            : "Choose when",
    },
  ];
  return (
    <ul className={styles.steps}>
      {steps.map(({ done, words }) => (
        <li key={words} data-lacking={!done || undefined}>
          {done ? (
            <IconCircleCheck size={17} stroke={1.8} aria-label="Done:" />
          ) : (
            <IconCircleDashed size={17} stroke={1.8} aria-label="Open:" />
          )}
          {words}
        </li>
      ))}
    </ul>
  );
}
