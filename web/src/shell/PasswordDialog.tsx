import { Button, Group, Modal, PasswordInput, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "~/api/client";
import { asProblem, byField } from "~/api/problem";
import { Refusal } from "~/display/states";
import { LEAST_PASSWORD, passwordComplaint } from "~/entry/password";

/** Changes one's own password. */
export function PasswordDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const close = () => {
    setCurrent("");
    setFresh("");
    setAgain("");
    change.reset();
    onClose();
  };
  const change = useMutation({
    mutationFn: () => api.PUT("/api/v1/session/password", { body: { current, new: fresh } }),
    onSuccess: () => {
      notifications.show({ message: "Your password is changed." });
      close();
    },
  });
  const complaint = passwordComplaint(fresh, again);
  const refused = change.error ? byField(asProblem(change.error)) : {};
  return (
    <Modal opened={opened} onClose={close} title="Change password" centered>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!complaint) change.mutate();
        }}
      >
        <Stack gap="md">
          <Refusal error={change.error} />
          <PasswordInput
            label="Current password"
            autoComplete="current-password"
            data-autofocus
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
            error={refused.current}
          />
          <PasswordInput
            label="New password"
            description={`At least ${LEAST_PASSWORD} characters`}
            autoComplete="new-password"
            value={fresh}
            onChange={(event) => setFresh(event.currentTarget.value)}
            error={refused.new ?? (fresh && complaint?.of === "password" ? complaint.message : undefined)}
          />
          <PasswordInput
            label="New password again"
            autoComplete="new-password"
            value={again}
            onChange={(event) => setAgain(event.currentTarget.value)}
            error={again && complaint?.of === "again" ? complaint.message : undefined}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={change.isPending} disabled={!current || complaint !== null}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
