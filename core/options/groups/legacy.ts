/** Options kept so that old command lines go on working; none is shown in help. */

import { flag, path, string } from "../option.ts";

/** Options of the group "Kept for old command lines". */
export const legacy = {
  withNewrelic: flag("--with-newrelic", {
    hidden: true,
    effect: "none-yet",
    since: "4.1.0",
    text: "Wrap the application with the New Relic agent.",
  }),
  withNewrelicAgent: flag("--with-newrelic-agent", {
    hidden: true,
    effect: "none-yet",
    since: "4.2.0",
    text: "Wrap the application with the New Relic agent.",
  }),
  withNewrelicPlatform: flag("--with-newrelic-platform", {
    hidden: true,
    effect: "not-applicable",
    since: "4.2.0",
    text: "Send metrics to New Relic's platform.",
    note: "that service no longer exists",
  }),
  newrelicConfigFile: path("--newrelic-config-file", "FILE-PATH", {
    hidden: true,
    effect: "none-yet",
    since: "4.4.0",
    text: "Configuration file of the New Relic agent.",
  }),
  newrelicEnvironment: string("--newrelic-environment", "NAME", {
    hidden: true,
    effect: "none-yet",
    since: "4.4.0",
    text: "Section of the New Relic agent's configuration file.",
  }),
  withPhp5: flag("--with-php5", {
    hidden: true,
    effect: "not-applicable",
    since: "4.3.0",
    text: "Load Apache's PHP 5 module.",
    note: "there are no Apache modules",
  }),
};
