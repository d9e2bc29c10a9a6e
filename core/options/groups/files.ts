/** Static files, and what is served instead of or beside the application. */

import { flag, list, pairs, path, string } from "../option.ts";

/** Options of the group "Static files and URL layout". */
export const files = {
  documentRoot: path("--document-root", "DIRECTORY-PATH", {
    effect: "none-yet",
    defaultText: "htdocs in the server root",
    since: "4.1.0",
    text: "Folder whose files are served before the application is asked.",
  }),
  directoryIndex: string("--directory-index", "FILE-NAME", {
    effect: "none-yet",
    since: "4.3.0",
    text: "Name of the file served for a folder.",
  }),
  directoryListing: flag("--directory-listing", {
    effect: "none-yet",
    since: "4.4.10",
    text: "Serve a listing for a folder without an index file.",
  }),
  allowOverride: list(string("--allow-override", "DIRECTIVE-TYPE", {
    effect: "not-applicable",
    since: "4.5.16",
    text: "Types of directives that .htaccess files may contain.",
    note: "there are no .htaccess files",
  })),
  urlAlias: pairs("--url-alias", ["URL-PATH", "FILE-PATH|DIRECTORY-PATH"], {
    effect: "none-yet",
    since: "4.1.0",
    text: "Serve a file or a folder at a URL path.",
  }),
  errorDocument: pairs("--error-document", ["STATUS", "URL-PATH"], {
    effect: "none-yet",
    since: "4.1.0",
    text: "URL path or text to answer with for an HTTP error status.",
  }),
  errorOverride: flag("--error-override", {
    effect: "none-yet",
    since: "4.1.0",
    text: "Put error documents in the place of the application's own error bodies.",
  }),
  mimeTypes: path("--mime-types", "FILE-PATH", {
    platform: "unix",
    effect: "none-yet",
    defaultText: "a table of our own",
    since: "4.1.0",
    text: "File of media types and file extensions for static files.",
  }),
  addHandler: pairs("--add-handler", ["EXTENSION", "SCRIPT-PATH"], {
    effect: "none-yet",
    since: "4.3.1",
    text: "Python script that handles the files of an extension below the document root.",
  }),
  withCgi: flag("--with-cgi", {
    effect: "none-yet",
    since: "4.4.14",
    text: "Run files with the extension .cgi below the document root.",
  }),
  rewriteRules: path("--rewrite-rules", "FILE-PATH", {
    effect: "refused-yet",
    since: "4.4.22",
    text: "File of rewrite rules for the document root.",
    note: "a small part of RewriteCond and RewriteRule",
  }),
  includeFile: list(path("--include-file", "FILE-PATH", {
    effect: "refused-yet",
    since: "4.1.0",
    text: "File of Apache configuration to include.",
    note: "a small part of Apache's directives",
  })),
};
