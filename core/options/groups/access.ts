/** Who may send requests. */

import { choice, path, string } from "../option.ts";

/** Options of the group "Access control". */
export const access = {
  hostAccessScript: path("--host-access-script", "SCRIPT-PATH", {
    effect: "refused-yet",
    since: "4.4.1",
    text: "Python file whose allow_access(environ, host) decides whether a client is let in.",
  }),
  authUserScript: path("--auth-user-script", "SCRIPT-PATH", {
    effect: "refused-yet",
    since: "4.3.0",
    text: "Python file with check_password() or get_realm_hash(), to authenticate users.",
  }),
  authType: choice("--auth-type", "TYPE", ["Basic", "Digest"], {
    default: "Basic",
    effect: "none-yet",
    since: "4.3.0",
    text: "How users authenticate.",
  }),
  authGroupScript: path("--auth-group-script", "SCRIPT-PATH", {
    effect: "refused-yet",
    since: "4.3.0",
    text: "Python file with groups_for_user(), to authorise users.",
  }),
  authGroup: string("--auth-group", "NAME", {
    default: "wsgi",
    effect: "none-yet",
    since: "4.3.0",
    text: "Group that users must be in.",
  }),
};
