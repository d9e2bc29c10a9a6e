/** Whose processes they are, and where they keep their sockets. */

import { path, string } from "../option.ts";

/** Options of the group "Users and identity". */
export const identity = {
  user: string("--user", "USERNAME", {
    environment: "WSGI_RUN_USER",
    platform: "unix",
    onWindows: "the application runs as who starts the server",
    defaultText: "the current user",
    since: "4.1.0",
    text: "User that the application processes run as, when the server is started by root: a " +
      "name, or a number.",
  }),
  group: string("--group", "GROUP", {
    environment: "WSGI_RUN_GROUP",
    platform: "unix",
    onWindows: "the application runs as who starts the server",
    defaultText: "the current group",
    since: "4.1.0",
    text: "Group that the application processes run as, when the server is started by root: a " +
      "name, or a number.",
  }),
  processName: string("--process-name", "NAME", {
    platform: "unix",
    onWindows: "a process is listed there by the name of its program",
    since: "4.4.3",
    text: "Title of the server process in the list of processes.",
    note: "on Linux; its name has room for 15 bytes, its command line for what the start took",
  }),
  socketPrefix: path("--socket-prefix", "DIRECTORY-PATH", {
    platform: "unix",
    onWindows: "processes talk over loopback there",
    defaultText: "the server root",
    since: "4.6.0",
    text: "Folder for the sockets between server and application processes.",
  }),
};
