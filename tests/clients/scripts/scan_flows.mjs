// node scan_flows.mjs FLOW…: what flow-scanner finds, as JSON [{flow, rule, element, error}]; `error` is a rule that broke down.
import path from 'node:path';
import scanner from '@flow-scanner/lightning-flow-scanner-core';

const parsed = await scanner.parse(process.argv.slice(2).map((file) => path.resolve(file)));
const findings = [];
for (const { uri, flow, errorMessage } of parsed) {
  if (!flow) findings.push({ flow: path.basename(uri ?? '?'), rule: 'parse', element: null, error: errorMessage ?? 'not parsed' });
}
for (const { flow, ruleResults } of scanner.scan(parsed.filter(({ flow }) => flow), {})) {
  for (const { ruleName, details, errorMessage } of ruleResults) {
    if (errorMessage) findings.push({ flow: flow.name, rule: ruleName, element: null, error: errorMessage });
    for (const { name } of details ?? []) findings.push({ flow: flow.name, rule: ruleName, element: name, error: null });
  }
}
console.log(JSON.stringify(findings));
