import { notifications } from "@mantine/notifications";
import { asProblem } from "~/api/problem";

/** Who cannot see the cross is told what it does. */
const closeButtonProps = { "aria-label": "Close" };

/** Tells of something that went well. */
export function notify(message: string): void {
  notifications.show({ message, autoClose: 4000, closeButtonProps });
}

/** Tells of something that was refused or failed, in the server's own words. */
export function notifyProblem(error: unknown): void {
  const { title, detail, fields } = asProblem(error);
  const more = fields.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join(" ");
  notifications.show({
    title,
    message: [detail, more].filter(Boolean).join(" "),
    color: "red",
    autoClose: 9000,
    role: "alert",
    closeButtonProps,
  });
}
