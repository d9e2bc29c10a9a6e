import assert from "node:assert/strict";
import { pythonResult } from "./python_code.ts";
import { testEach } from "./python_half.ts";

testEach("environ texts are told apart by their shapes", async (python) => {
  const result = await pythonResult(
    python,
    `
from _wsgi_express.environ import EnvironShapes

shapes = EnvironShapes({"ONE": "", "OTHER": "kept"})
shapes.define("\\x01a\\0ONE\\0TWO")
shapes.define("\\x01b\\0ONE\\0\\0TWO\\0common\\0THREE\\0")

def known():
    known = (shapes.names, shapes.setters, shapes.common, shapes.templates)
    return [len(each) for each in known]

def set_values(marker, *values):
    environ = shapes.templates.get(marker, shapes.template).copy()
    shapes.setters[marker](environ, [*values, marker])
    return environ

def missing(text):
    try:
        shapes.values(text)
    except KeyError:
        return True

result = {
    "pairs": shapes.values("ONE\\x00first\\0TWO\\0"),
    "values": shapes.values("first\\0second\\0\\x01a"),
    "own": shapes.values("first\\0\\x01b"),
    "common": shapes.common["\\x01b"],
    "set": set_values("\\x01a", "first", "second"),
    "set own": set_values("\\x01b", "first"),
    "known": known(),
}
shapes.define("\\x01b")
shapes.define("\\x01b")
result["left"] = known()
result["missing"] = [missing("first\\0\\x01b"), missing("first\\0second\\0\\x01a")]
for number in range(600):
    marker = "\\x01o%d" % number
    shapes.define(marker + "\\0ONE\\0\\0TWO\\0common")
    shapes.define(marker)
result["later"] = known()
`,
  );
  assert.deepEqual(result, {
    pairs: { ONE: "first", TWO: "" },
    values: { ONE: "first", TWO: "second" },
    own: { ONE: "first", TWO: "common", THREE: "" },
    common: { TWO: "common", THREE: "" },
    set: { ONE: "first", TWO: "second", OTHER: "kept" },
    "set own": { ONE: "first", TWO: "common", THREE: "", OTHER: "kept" },
    known: [2, 2, 1, 1],
    left: [1, 1, 0, 0],
    missing: [true, null],
    later: [1, 1, 0, 0],
  });
});
