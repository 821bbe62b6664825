// Runs decision tables with hit policy FIRST: the file read by dmn-moddle, each test by feelin.
// node dmn_engine.mjs NODE_MODULES FILE.dmn CASES.json prints the cases that come out otherwise.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [modules, file, casesFile] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(modules), '..', 'x.js'));
const load = async (name) => import(pathToFileURL(require.resolve(name)).href);
const { DmnModdle } = await load('dmn-moddle');
const { evaluate, unaryTest } = await load('feelin');

// dmn-moddle 12 knows the namespace of DMN 1.3; what is used of 1.5 is the same there.
const xml = fs.readFileSync(file, 'utf8').replaceAll('/20230324/', '/20191111/');
const { rootElement, warnings } = await new DmnModdle().fromXML(xml, 'dmn:Definitions');
const tables = Object.fromEntries(
  rootElement.drgElement.filter((e) => e.$type === 'dmn:Decision').map((e) => [e.name, e.decisionLogic]),
);
const plain = (found) => (found && typeof found === 'object' && 'value' in found ? found.value : found);

function decide(name, known) {
  if (name in known) return known[name];
  const table = tables[name];
  const inputs = (table.input || []).map((i) => decide(i.inputExpression.text, known));
  const row = table.rule.find((rule) =>
    (rule.inputEntry || []).every(
      (entry, k) => entry.text === '-' || plain(unaryTest(entry.text, { '?': inputs[k] })) === true,
    ),
  );
  return (known[name] = row ? plain(evaluate(row.outputEntry[0].text, {})) : null);
}

const wrong = [];
for (const { name, inputs, outcome, conditions } of JSON.parse(fs.readFileSync(casesFile, 'utf8'))) {
  const known = { ...inputs };
  const found = decide('outcome', known);
  const attached = Object.keys(tables)
    .filter((t) => t.startsWith('condition_') && decide(t, known))
    .map((t) => t.slice('condition_'.length));
  if (found !== outcome || attached.sort().join() !== [...conditions].sort().join()) wrong.push(name);
}
console.log(JSON.stringify({ warnings: warnings.length, wrong }));
