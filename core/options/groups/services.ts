/** Python scripts that run in processes of their own beside the application. */

import { pairs } from "../option.ts";

/** Options of the group "Service scripts". */
export const services = {
  serviceScript: pairs("--service-script", ["SERVICE", "SCRIPT-PATH"], {
    since: "4.4.7",
    text: "Run a Python script in a process of its own beside the application, and again when it " +
      "ends.",
  }),
  serviceUser: pairs("--service-user", ["SERVICE", "USERNAME"], {
    platform: "unix",
    onWindows: "service scripts run as who starts the server",
    since: "4.4.7",
    text: "User that a service script runs as, when the server is started by root.",
  }),
  serviceGroup: pairs("--service-group", ["SERVICE", "GROUP"], {
    platform: "unix",
    onWindows: "service scripts run as who starts the server",
    since: "4.4.7",
    text: "Group that a service script runs as, when the server is started by root.",
  }),
  serviceLogFile: pairs("--service-log-file", ["SERVICE", "FILE-NAME"], {
    since: "4.4.11",
    text: "Log file of a service script, instead of the error log, even where that is the " +
      "terminal. In the folder of --log-directory, else in the server root.",
  }),
};
