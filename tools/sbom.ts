/**
 * Writes the software bill of materials of a release to standard output: `deno run -A tools/sbom.ts FILE …`, with the files
 * of the release. SPDX 2.3, https://spdx.github.io/spdx-spec/v2.3/
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { VERSION } from "../core/version.ts";
import { readContents } from "./compile/contents.ts";

/** A file that something is in, or that is released. */
export interface Material {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What the document says besides its files. */
export interface Release {
  readonly version: string;
  /** Version of Deno that is the base of the binaries. */
  readonly deno: string;
  readonly v8: string;
  /** Time, ISO 8601. */
  readonly created: string;
}

if (import.meta.main) {
  const files = Deno.args.map((path) => ({ name: basename(path), bytes: Deno.readFileSync(path) }));
  const document = billOfMaterials(files, {
    version: VERSION,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    created: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
  });
  console.log(JSON.stringify(document, null, 2));
}

/**
 * The document: the program, the runtime in its binaries, the released files, and the modules and texts that the first
 * binary carries (all binaries are made from the same ones; the compilation checks that none is missing).
 *
 * @throws {Error} where none of the files is a binary.
 */
export function billOfMaterials(files: readonly Material[], release: Release): unknown {
  const binaries = files.filter(({ name }) => !/\.tgz$/.test(name));
  if (binaries.length === 0) throw new Error("no binary is among the files");
  const inside = [...readContents(binaries[0]!.bytes).files]
    .filter(([name]) => name !== "dist/build.json")
    .map(([name, bytes]) => ({ name, bytes }));
  const released = files.map(describeFile("release"));
  const modules = inside.map(describeFile("module"));
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: `wsgi-express-${release.version}`,
    documentNamespace:
      `https://spdx.org/spdxdocs/wsgi-express-${release.version}-${crypto.randomUUID()}`,
    creationInfo: { created: release.created, creators: ["Tool: wsgi-express-tools-sbom"] },
    packages: [
      {
        ...describePackage("wsgi-express", release.version, "Apache-2.0"),
        filesAnalyzed: true,
        packageVerificationCode: { packageVerificationCodeValue: verificationCode(inside) },
      },
      describePackage("deno", release.deno, "MIT"),
      describePackage("v8", release.v8, "BSD-3-Clause"),
    ],
    files: [...released, ...modules],
    relationships: [
      relationship("DOCUMENT", "DESCRIBES", "wsgi-express"),
      relationship("wsgi-express", "DEPENDS_ON", "deno"),
      relationship("deno", "STATIC_LINK", "v8"),
      ...released.map(({ SPDXID }) => generatedFrom(SPDXID)),
      ...modules.map(({ SPDXID }) => ({
        ...relationship("wsgi-express", "CONTAINS", ""),
        relatedSpdxElement: SPDXID,
      })),
    ],
  };
}

function describePackage(name: string, version: string, licence: string) {
  return {
    SPDXID: `SPDXRef-${name}`,
    name,
    versionInfo: version,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    licenseConcluded: licence,
    licenseDeclared: licence,
    copyrightText: "NOASSERTION",
  };
}

/** Section 7.9 of the specification. */
function verificationCode(files: readonly Material[]): string {
  const sums = files.map(({ bytes }) => createHash("sha1").update(bytes).digest("hex"));
  return createHash("sha1").update(sums.toSorted().join("")).digest("hex");
}

function describeFile(kind: string) {
  return ({ name, bytes }: Material) => ({
    SPDXID: `SPDXRef-${kind}-${name.replace(/[^A-Za-z0-9.-]/g, "-")}`,
    fileName: `./${name}`,
    // SHA-1 is what the specification asks for.
    checksums: ["sha1", "sha256"].map((algorithm) => ({
      algorithm: algorithm.toUpperCase(),
      checksumValue: createHash(algorithm).update(bytes).digest("hex"),
    })),
    licenseConcluded: "NOASSERTION",
    licenseInfoInFiles: ["NOASSERTION"],
    copyrightText: "NOASSERTION",
  });
}

function relationship(from: string, type: string, to: string) {
  return {
    spdxElementId: `SPDXRef-${from}`,
    relationshipType: type,
    relatedSpdxElement: `SPDXRef-${to}`,
  };
}

function generatedFrom(id: string) {
  return { ...relationship("", "GENERATED_FROM", "wsgi-express"), spdxElementId: id };
}
