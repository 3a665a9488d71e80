import { Button, FileButton, Group, Progress } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import { bytes } from "~/display/number";
import { Refusal } from "~/display/states";
import styles from "./Custom.module.css";
import type { Sending } from "./send";
import type { FileOnItsWay } from "./useSending";

const KINDS = ".msi,.exe,.deb,.rpm";

/** Takes a file, by choosing or by dropping it, and shows how it gets to the server. */
export function ChooseFile({ way }: { way: FileOnItsWay }) {
  const [over, setOver] = useState(false);
  if (way.file && way.sending)
    return <OnItsWay file={way.file} sending={way.sending} onCancel={way.cancel} />;
  const { file, error } = way;
  return (
    <section
      className={styles.drop}
      aria-label="File to upload"
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const [dropped] = event.dataTransfer.files;
        if (dropped) way.send(dropped);
      }}
    >
      {file && error ? (
        <>
          <strong className={styles.fileName}>{file.name}</strong>
          <Refusal error={error} />
        </>
      ) : null}
      <Group gap="xs" justify="center">
        {file && error ? <Button onClick={() => way.send(file)}>Try again</Button> : null}
        <FileButton
          accept={KINDS}
          inputProps={{ "aria-label": "File" }}
          onChange={(chosen) => chosen && way.send(chosen)}
        >
          {(props) => (
            <Button
              {...props}
              variant={file && error ? "default" : "filled"}
              leftSection={<IconUpload size={16} stroke={1.8} aria-hidden />}
            >
              {file && error ? "Choose another file" : "Choose a file"}
            </Button>
          )}
        </FileButton>
      </Group>
      <p>
        or drop it here: an MSI package, a program for Windows, a deb or an rpm. What it is is told by its
        content, not by its name.
      </p>
    </section>
  );
}

const STEPS: Record<Sending["step"], string> = {
  reading: "Reading the file",
  sending: "Sending it to the server",
};

function OnItsWay(props: { file: File; sending: Sending; onCancel: () => void }) {
  const { file, sending, onCancel } = props;
  const done = file.size ? (sending.bytes / file.size) * 100 : 0;
  const whole = sending.step === "sending" && sending.bytes >= file.size;
  return (
    <section className={styles.drop} aria-label="File to upload">
      <strong className={styles.fileName}>{file.name}</strong>
      <Progress.Root w="100%" maw={420}>
        <Progress.Section value={done} aria-label={STEPS[sending.step]} animated={whole} />
      </Progress.Root>
      <p role="status">
        {whole ? "The server looks into it" : STEPS[sending.step]}
        <span aria-hidden>
          {" · "}
          {bytes(Math.min(sending.bytes, file.size))} of {bytes(file.size)}
        </span>
      </p>
      <Button variant="default" onClick={onCancel}>
        Cancel
      </Button>
    </section>
  );
}
