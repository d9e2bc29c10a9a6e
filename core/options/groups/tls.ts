/** HTTPS. */

import { flag, list, path, string } from "../option.ts";

/** Options of the group "HTTPS". */
export const tls = {
  sslCertificateFile: path("--ssl-certificate-file", "FILE-PATH", {
    effect: "none-yet",
    since: "4.4.10",
    text: "File of the certificate, in PEM form.",
  }),
  sslCertificateKeyFile: path("--ssl-certificate-key-file", "FILE-PATH", {
    effect: "none-yet",
    since: "4.4.10",
    text: "File of the certificate's private key, in PEM form.",
  }),
  sslCertificate: path("--ssl-certificate", "FILE-PATH", {
    effect: "none-yet",
    since: "4.3.0",
    text: "The two files before by one path, without their extensions .crt and .key.",
  }),
  sslCaCertificateFile: path("--ssl-ca-certificate-file", "FILE-PATH", {
    effect: "refused-yet",
    since: "4.4.10",
    text: "File of the certificates that sign those of clients; asks clients for one.",
    note: "asked for at the handshake",
  }),
  sslVerifyClient: list(string("--ssl-verify-client", "URL-PATH", {
    effect: "refused-yet",
    since: "4.4.10",
    text: "URL path that needs a client certificate.",
    note: "asked for at the handshake, enforced by path",
  })),
  sslCertificateChainFile: path("--ssl-certificate-chain-file", "FILE-PATH", {
    effect: "none-yet",
    since: "4.4.23",
    text: "File of the certificates between the server's and the authority's.",
  }),
  sslEnvironment: flag("--ssl-environment", {
    effect: "none-yet",
    since: "4.4.10",
    text: "Put variables about the TLS connection into the environ.",
  }),
  httpsOnly: flag("--https-only", {
    effect: "refused-yet",
    since: "4.3.0",
    text: "Redirect HTTP requests to HTTPS.",
  }),
  hstsPolicy: string("--hsts-policy", "PARAMS", {
    effect: "none-yet",
    since: "4.4.9",
    text: "Value of the header Strict-Transport-Security, sent with --https-only.",
  }),
};
