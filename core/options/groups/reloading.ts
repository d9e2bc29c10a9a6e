/** Whether changed source code is picked up. */

import { flag } from "../option.ts";

/** Options of the group "Reloading". */
export const reloading = {
  disableReloading: flag("--disable-reloading", {
    since: "4.8.0",
    text: "Don't restart processes when the script file changes.",
  }),
  reloadOnChanges: flag("--reload-on-changes", {
    modes: ["daemon"],
    since: "4.1.0",
    text: "Restart processes when the file of any loaded module changes; for development.",
  }),
};
