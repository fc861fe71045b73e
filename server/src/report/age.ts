/** How long ago something was, in words. */
import { type Message, message } from "../message";

/** Returns the time between two moments, the first in the form of ISO 8601: `3 hours ago`. */
export function ageOf(time: string, now: Date): Message {
  const minutes = Math.floor((now.getTime() - Date.parse(time)) / 60_000);
  // A clock that was set back, or a time that is none.
  if (!(minutes >= 1)) return message("just now");
  if (minutes < 60) return minutes === 1 ? message("a minute ago") : message("{0} minutes ago", minutes);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return hours === 1 ? message("an hour ago") : message("{0} hours ago", hours);
  return message("{0} days ago", Math.floor(hours / 24));
}
