/** Other servers behind this one, and the proxy before it. */

import { list, pairs, string } from "../option.ts";

/** Options of the group "Proxying". */
export const proxying = {
  proxyMountPoint: pairs("--proxy-mount-point", ["URL-PATH", "URL"], {
    aliases: ["--proxy-url-alias"],
    effect: "none-yet",
    since: "4.4.9",
    text: "Pass requests below a URL path on to another server.",
  }),
  proxyVirtualHost: pairs("--proxy-virtual-host", ["HOSTNAME", "URL"], {
    effect: "none-yet",
    since: "4.4.7",
    text: "Pass requests for a host name on to another server.",
  }),
  trustProxyHeader: list(string("--trust-proxy-header", "HEADER-NAME", {
    effect: "none-yet",
    since: "4.4.9",
    text: "Header of the proxy before this server that is to be believed.",
  })),
  trustProxy: list(string("--trust-proxy", "IP-ADDRESS/SUBNET", {
    effect: "none-yet",
    since: "4.4.10",
    text: "Address or subnet of the proxies whose headers are to be believed.",
  })),
};
