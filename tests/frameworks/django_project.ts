/** The Django example with a database of its own, ready to be served. */

import { cleanEnvironment } from "../blackbox/command.ts";
import { Folder, ROOT, type Server, startServer } from "../blackbox/harness.ts";
import type { TestPython } from "../pythons.ts";
import { type Venv, venvOf } from "../venvs.ts";

/** Folder of the project. */
export const PROJECT = `${ROOT}/examples/django`;
/** Name and password of the superuser. */
export const ADMIN = { username: "admin", password: "a long secret" };

/** Migrates a database in `folder`, adds the superuser and serves the project under wsgiref.validate. */
export async function serveDjango(python: TestPython, folder: Folder): Promise<Server> {
  const venv = await venvOf(python);
  const env = {
    DJANGO_DATABASE: folder.file("db.sqlite3"),
    DJANGO_SUPERUSER_PASSWORD: ADMIN.password,
    TEST_MODULE: "mysite.wsgi",
    PYTHONDONTWRITEBYTECODE: "1",
  };
  await manage(venv, env, "migrate", "--verbosity", "0");
  await manage(
    venv,
    env,
    "createsuperuser",
    "--noinput",
    `--username=${ADMIN.username}`,
    "--email=admin@example.org",
  );
  return await startServer({
    app: `${ROOT}/tests/frameworks/checked.py`,
    python: venv.folder,
    cwd: PROJECT,
    env,
    args: ["--processes", "2", "--threads", "3", "--working-directory", PROJECT],
  });
}

async function manage(venv: Venv, env: Record<string, string>, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(venv.executable, {
    args: ["manage.py", ...args],
    cwd: PROJECT,
    env: cleanEnvironment(env),
    clearEnv: true,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
